"""The conversation of a portal: what is read there."""

import pytest
from django.test import Client

from accounts.models import User
from contacts.models import Contact
from tests.contacts.portal.visiting import address, text
from tests.contacts.portal_people import answer, attach, write

pytestmark = pytest.mark.django_db


def test_the_conversation_reads_from_the_oldest_to_the_newest(
    client: Client, user: User, amara: Contact
) -> None:
    write(amara, "Here is the plan.")
    answer(amara, "Thank you.")
    write(amara, "Any questions?")
    page = text(client.get("/portal/").content)
    places = [page.index(each) for each in ("the plan", "Thank you", "Any questions")]
    assert places == sorted(places)
    assert "Mia" in page


@pytest.mark.parametrize(
    ("state", "is_shown"),
    [
        ("queued", False),
        ("sending", False),
        ("cancelled", False),
        ("failed", False),
        ("sent", True),
        ("uncertain", True),
        ("bounced", True),
    ],
)
def test_only_what_has_left_is_part_of_the_conversation(
    client: Client, user: User, amara: Contact, state: str, is_shown: bool
) -> None:
    file = attach(write(amara, "The price is nine", state))
    assert ("The price is nine" in client.get("/portal/").content.decode()) == is_shown
    answer_ = client.get(address("file", amara, file))
    assert answer_.status_code == (200 if is_shown else 404)


def test_an_empty_conversation_says_so(client: Client, user: User, amara: Contact) -> None:
    page = client.get("/portal/")
    assert page.status_code == 200
    assert "Nothing was written yet" in text(page.content)


def test_what_came_by_email_is_marked(client: Client, user: User, amara: Contact) -> None:
    answer(amara, "From my mail program", "email")
    assert ", by email" in text(client.get("/portal/").content)


def test_html_in_a_message_is_text(client: Client, user: User, amara: Contact) -> None:
    write(amara, "<script>alert(1)</script><b>bold</b>")
    assert "<script>alert" not in client.get("/portal/").content.decode()
