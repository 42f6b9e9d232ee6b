"""The register of disclosures: who was sent which details of a contact, and when."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from accounts.models import User
from contacts.models import Contact, Delivery, Message, Share
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db
OWN, OTHER = "amara@calder.example", "facilities@wren.example"


@pytest.fixture
def max_(client: Client) -> User:
    max_ = make_user(name="Max")
    client.force_login(max_)
    return max_


@pytest.fixture
def amara() -> Contact:
    return make_contact(given_name="Amara", emails=[OWN], phones=["+442079460142"])


def make_share(contact: Contact, sender: User, **fields: Any) -> Share:
    fields = {"recipients": [OTHER], "fields": ["emails"]} | fields
    share = Share.draft(contact, sender=sender, **fields)
    share.send()
    return share


def register(client: Client, contact: Contact, **query: Any) -> str:
    page = client.get(reverse("contact_disclosures", args=[contact.pk]), query)
    assert page.status_code == 200
    return " ".join(strip_tags(page.content.decode()).split())


def exported(client: Client, contact: Contact) -> list[dict[str, str]]:
    answer = client.get(reverse("contact_disclosures_export", args=[contact.pk]))
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


def test_lists_who_was_sent_which_fields_and_what_became_of_it(
    client: Client, max_: User, amara: Contact
) -> None:
    share = make_share(
        amara, max_, recipients=[OTHER, OWN], fields=["emails", "phones"], note="Hello",
        with_card=True, link_days=7,
    )  # fmt: skip
    share.visited(OTHER)
    Delivery.objects.filter(recipient=OTHER).update(state="bounced")
    shown = register(client, amara)
    for words in (OTHER, f"{OWN} this contact", "Email", "Phone", "vCard", "Text", "Bounced",
                  "Queued", "Open 1 visit", "Open 0 visits", "Max"):  # fmt: skip
        assert words in shown
    share.revoke_link()
    assert "Taken back 1 visit" in register(client, amara)


def test_says_why_a_link_opens_nothing_any_more(
    client: Client, max_: User, amara: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_share(amara, max_, link_days=7)
    amara.archive()
    assert exported(client, amara)[0]["Link"] == "Closed"
    amara.restore()
    later = timezone.now() + timedelta(days=8)
    monkeypatch.setattr(timezone, "now", lambda: later)
    client.force_login(max_)  # the session has ended by then
    assert exported(client, amara)[0]["Link"] == "Expired"


def test_is_empty_before_anything_was_shared(client: Client, max_: User, amara: Contact) -> None:
    Message.send(amara, author=max_, address=OWN, body="A message discloses nothing")
    assert "Nothing was shared yet" in register(client, amara)
    assert "Export" not in register(client, amara)


def test_names_nothing_of_other_contacts(client: Client, max_: User, amara: Contact) -> None:
    make_share(make_contact(given_name="Else"), max_, fields=["name"], recipients=["x@y.example"])
    assert "x@y.example" not in register(client, amara)
    assert exported(client, amara) == []


def test_the_export_has_every_value_that_left(client: Client, max_: User, amara: Contact) -> None:
    share = make_share(amara, max_, fields=["emails", "phones"], note="Hello", link_days=7)
    amara.emails = ["new@calder.example"]
    amara.save()
    share.refresh_from_db()
    share.visited(OTHER)
    [row] = exported(client, amara)
    assert row.pop("When").startswith("20")
    assert row == {
        "To": OTHER,
        "The contact’s own address": "no",
        "Details": "Email, Phone",
        "Values": f"Email: {OWN}; Phone: +44 20 7946 0142",
        "Text": "Hello",
        "Files": "",
        "vCard": "no",
        "Link": "Open",
        "Visits": "1",
        "State": "Queued",
        "Sent by": "Max",
    }


def test_no_cell_of_the_export_is_a_formula(client: Client, max_: User, amara: Contact) -> None:
    max_.name = "=1+1"
    max_.save()
    make_share(amara, max_, note="@SUM(A1)")
    [row] = exported(client, amara)
    assert (row["Text"], row["Sent by"]) == ("'@SUM(A1)", "'=1+1")


def test_more_than_a_page_is_paged_and_costs_no_more(
    client: Client, max_: User, amara: Contact
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            register(client, amara)
        return len(queries)

    make_share(amara, max_)
    few = cost()
    for number in range(52):
        make_share(amara, max_, recipients=[f"{number}@x.example"])
    assert cost() == few
    assert "51@x.example" in register(client, amara)
    assert "1 of 2" in register(client, amara)
    assert OTHER in register(client, amara, page=2)
    assert len(exported(client, amara)) == 53


@pytest.mark.parametrize("page", ["nonsense", "0", "-1", "999999999999"])
def test_a_page_that_is_none_shows_another(
    client: Client, max_: User, amara: Contact, page: str
) -> None:
    make_share(amara, max_)
    assert OTHER in register(client, amara, page=page)


def test_of_a_deleted_contact_the_receipt_is_left(
    client: Client, max_: User, amara: Contact
) -> None:
    pk = amara.pk
    make_share(amara, max_)
    amara.delete()
    for name in ("contact_disclosures", "contact_disclosures_export", "contact_qr"):
        assert client.get(reverse(name, args=[pk])).status_code == 410
    assert not Delivery.objects.exists()


def test_the_file_is_in_the_language_and_the_time_zone_of_who_asks(
    client: Client, amara: Contact
) -> None:
    max_ = make_user(name="Max", language="de", time_zone="Asia/Tokyo")
    client.force_login(max_)
    make_share(amara, max_, recipients=[OWN])
    [row] = exported(client, amara)
    with translation.override("de"):
        assert row[_("The contact’s own address")] == _("yes") != "yes"
    assert row[next(iter(row))].endswith("+09:00")
