"""Inviting: what is asked, refused and kept."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from contacts.models import Contact, Delivery, Invitation
from tests.builders import make_contact
from tests.contacts.invitations import (
    ADDRESS,
    HTMX,
    invite,
    make_amara,
    make_invitation,
    toasted,
    verbs,
    words,
)

pytestmark = pytest.mark.django_db


def test_max_invites_and_finds_it_on_the_contacts_page(
    client: Client, max_: User, amara: Contact
) -> None:
    answer = invite(client, amara, note="All of the second depot is in here.")
    assert (answer.status_code, answer.headers["Location"]) == (303, amara.get_absolute_url())
    page = words(client.get(amara.get_absolute_url()))
    assert f"Invitation sent to {ADDRESS}" in page
    assert f"Max invited {ADDRESS} to the portal Invited" in page
    assert "All of the second depot is in here." in page
    assert "Portal access Invited Client" in page
    delivery = Delivery.objects.get(contact=amara)
    assert (delivery.recipient, delivery.state) == (ADDRESS, "queued")


def test_htmx_gets_the_new_row_and_the_dialog_goes(
    client: Client, max_: User, amara: Contact
) -> None:
    answer = invite(client, amara, headers=HTMX, newest="0")
    assert toasted(answer) == f"Invitation sent to {ADDRESS}"
    html = answer.content.decode()
    assert '<hx-partial hx-target="#dialogs" hx-swap="innerHTML"></hx-partial>' in html
    assert 'data-verb="invitation.sent"' in html


def test_the_form_offers_the_primary_address_and_says_until_when(
    client: Client, max_: User, amara: Contact
) -> None:
    for name in ("invitation_new", "invitation_dialog"):
        page = client.get(reverse(name, args=[amara.pk]))
        assert f'value="{ADDRESS}"' in page.content.decode()
        assert f"{timezone.now() + timedelta(days=7):%-d %B %Y}" in words(page)


def test_without_an_address_it_asks_for_one_and_saves_it(client: Client, max_: User) -> None:
    contact = make_amara(emails=[])
    assert (
        'name="save_email" class="check" id="id_save_email" checked'
        in client.get(reverse("invitation_new", args=[contact.pk])).content.decode()
    )
    answer = invite(client, contact, email="")
    assert answer.status_code == 422
    assert "Enter the address to which the invitation goes." in words(answer)
    invite(client, contact, save_email="on")
    contact.refresh_from_db()
    assert contact.emails == [ADDRESS]
    assert verbs(contact)[1:] == ["invitation.sent", "contact.updated"]


def test_another_address_is_saved_only_if_asked_for(
    client: Client, max_: User, amara: Contact
) -> None:
    invite(client, amara, email="second@calder.example")
    amara.refresh_from_db()
    assert amara.emails == [ADDRESS]
    invite(client, amara, email="second@calder.example", save_email="on")
    invite(client, amara, email="second@calder.example", save_email="on")
    amara.refresh_from_db()
    assert amara.emails == [ADDRESS, "second@calder.example"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Amara@Calder.Example ", ADDRESS),
        ("amara+depot@calder.example", "amara+depot@calder.example"),
        ("amara@müller.example", "amara@müller.example"),
        (f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.example", None),
    ],
)
def test_an_address_is_kept_in_one_form(
    client: Client, max_: User, amara: Contact, typed: str, kept: str | None
) -> None:
    assert invite(client, amara, email=typed).status_code == 303
    assert Invitation.objects.get().email == (kept or typed)


@pytest.mark.parametrize(
    "typed", ["amara", "a@b", f"{'a' * 250}@calder.example", "a@b.example\nBcc: c@d.example"]
)
def test_what_is_no_address_is_refused_and_kept(
    client: Client, max_: User, amara: Contact, typed: str
) -> None:
    answer = invite(client, amara, email=typed, note="Typed with care", headers=HTMX)
    assert answer.status_code == 422
    assert "Typed with care" in words(answer)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    "typed", [{"role": "king"}, {"role": ""}, {"id": "x"}, {"note": "n" * 2_001}]
)
def test_what_makes_no_sense_is_refused(
    client: Client, max_: User, amara: Contact, typed: dict[str, str]
) -> None:
    assert invite(client, amara, **typed).status_code == 422
    assert not Invitation.objects.exists()


def test_a_double_click_is_one_invitation(client: Client, max_: User, amara: Contact) -> None:
    pk = str(uuid7())
    answers = [invite(client, amara, id=pk).status_code for _click in range(2)]
    assert answers == [303, 303]
    assert verbs(amara).count("invitation.sent") == 1
    assert Delivery.objects.count() == 1


def test_an_id_of_another_contacts_invitation_is_refused(
    client: Client, max_: User, amara: Contact
) -> None:
    theirs = make_invitation(make_contact(), email="other@calder.example")
    assert invite(client, amara, id=str(theirs.pk)).status_code == 403


def test_a_note_of_a_form_counts_line_ends_once() -> None:
    from contacts.forms.inviting import InvitationForm

    field = InvitationForm().fields["note"]
    assert field.clean("a\r\nb") == "a\nb"
    with pytest.raises(ValidationError):
        field.clean("n" * 2_001)
