"""The menu of shares: for whom it is, and the QR code in it."""

import pytest
import segno
from django.test import Client
from django.urls import reverse

from accounts.models import User
from contacts import vcard
from contacts.models import Contact, Share
from tests.builders import make_contact, make_user
from tests.contacts.shares.sharing import HTMX, preview, share, text

pytestmark = pytest.mark.django_db
ROLES = {"Vic": 403, "Mia": 403, "Max": None, "Ada": None}


@pytest.mark.parametrize("name", ROLES)
def test_managers_share_and_others_see_it(client: Client, amara: Contact, name: str) -> None:
    max_ = User.objects.filter(name="Max").first() or make_user(name="Max")
    manager = Client()
    manager.force_login(max_)
    share(manager, amara, link_days="7")
    sent = Share.objects.get()
    client.force_login(max_ if name == "Max" else make_user(name=name))
    refused = ROLES[name]
    assert client.get(reverse("share_row", args=[sent.pk])).status_code == 200
    page = client.get(amara.get_absolute_url())
    assert ("Share via" in text(page)) == (refused is None)
    assert ("Take back link" in text(page)) == (refused is None)
    assert client.get(reverse("contact_disclosures", args=[amara.pk])).status_code == 200
    export = client.get(reverse("contact_disclosures_export", args=[amara.pk]))
    assert export.status_code == (refused or 200)
    assert share(client, amara).status_code == (refused or 303)
    assert preview(client, amara).status_code == (refused or 200)
    for path in ("contact_shares", "contact_shares_dialog"):
        assert client.get(reverse(path, args=[amara.pk])).status_code == (refused or 200)
    for path in ("share_resend", "share_revoke"):
        assert client.post(reverse(path, args=[sent.pk])).status_code == (refused or 303)


def test_the_menu_offers_every_way_to_share(client: Client, max_: User, amara: Contact) -> None:
    page = client.get(amara.get_absolute_url())
    for words in ("Email…", "Copy details", "Download vCard", "QR code", "Other apps"):
        assert words in text(page)
    assert "Email: amara@calder.example, second@calder.example" in page.content.decode()


def test_the_qr_code_is_that_of_the_card_without_tags_and_notes(
    client: Client, max_: User, amara: Contact
) -> None:
    """Drawn as segno draws it; no reader of QR codes is at hand to read it back."""
    page = client.get(reverse("contact_qr_dialog", args=[amara.pk]), headers=HTMX).content.decode()
    amara.tags, amara.notes, amara.last_activity_at = [], "", None
    code = segno.make(vcard.write(amara), error="m", micro=False, encoding="utf-8")
    drawn = code.svg_inline(omitsize=True, dark="#000", light="#fff", svgclass=None, lineclass=None)
    assert drawn in page
    assert "style=" not in page
    assert client.get(reverse("contact_qr", args=[amara.pk])).status_code == 200


def test_too_much_for_a_qr_code_says_so(client: Client, max_: User) -> None:
    long = dict.fromkeys(("organisation", "job_title", "street"), "é" * 200)
    contact = make_contact(given_name="é" * 120, website="https://x.example/" + "é" * 400, **long)
    page = client.get(reverse("contact_qr", args=[contact.pk]))
    assert "too long for a QR code" in text(page)
