"""A long conversation: its pages, and what comes while it is open."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from contacts.conversation import SHOWN_AT_ONCE
from contacts.models import Contact
from tests.contacts.portal.visiting import address, text
from tests.contacts.portal_people import answer, attach, write

pytestmark = pytest.mark.django_db


def test_a_long_conversation_is_read_page_by_page_with_each_day_once(
    client: Client, user: User, amara: Contact
) -> None:
    count, noon = 2 * SHOWN_AT_ONCE + 5, timezone.now().replace(hour=12)
    for number in range(count):
        age = timedelta(days=(count - number) // 20, minutes=count - number)
        answer(amara, f"Message {number}.", created_at=noon - age)
    shown, days, marks = [], [], []
    page = client.get("/portal/")
    while True:
        stretch = page.context["stretch"]
        shown = [message.body for message in stretch.messages] + shown
        days = [m.created_at.date() for m in stretch.messages if m.begins_day] + days
        marks.append(page.content.decode().count('class="day-mark"'))
        if stretch.previous is None:
            break
        page = client.get(address("earlier", amara), {"before": str(stretch.first.pk)})
    assert shown == [f"Message {number}." for number in range(count)]
    assert days == sorted(set(days))
    assert marks[0] == 2  # the day that begins on it, and the one that goes on at its top


def test_without_scripts_the_earlier_messages_are_a_page(
    client: Client, user: User, amara: Contact
) -> None:
    made = [answer(amara, f"Message {number}.") for number in range(SHOWN_AT_ONCE + 1)]
    page = client.get(address("conversation", amara), {"before": str(made[1].pk)})
    assert "Message 0." in text(page.content)
    assert "Message 1." not in text(page.content)
    assert "To the newest messages" in text(page.content)


@pytest.mark.parametrize("before", ["nonsense", "0190a000-0000-7000-8000-000000000000"])
def test_a_place_that_makes_no_sense_shows_the_newest(
    client: Client, user: User, amara: Contact, before: str
) -> None:
    answer(amara, "The newest")
    for name in ("conversation", "earlier"):
        assert "The newest" in text(client.get(address(name, amara), {"before": before}).content)


def test_new_messages_come_by_asking_again_and_nothing_where_there_are_none(
    client: Client, user: User, amara: Contact
) -> None:
    first = write(amara)
    asked = {"from": str(first.pk), "seen": "1"}
    assert client.get(address("latest", amara), asked).status_code == 204
    write(amara, "One more thing")
    fragment = client.get(address("latest", amara), asked)
    assert "One more thing" in text(fragment.content)
    assert 'name="seen" value="2"' in fragment.content.decode()


def test_a_message_that_leaves_late_takes_its_place(
    client: Client, user: User, amara: Contact
) -> None:
    first = write(amara, "First")
    late = write(amara, "Written before the answer", "queued")
    answer(amara, "The answer")
    asked = {"from": str(first.pk), "seen": "2"}
    assert client.get(address("latest", amara), asked).status_code == 204
    late.deliveries.update(state="sent")
    page = text(client.get(address("latest", amara), asked).content)
    assert page.index("Written before") < page.index("The answer")


def test_the_first_message_of_an_empty_conversation_appears(
    client: Client, user: User, amara: Contact
) -> None:
    asked = {"from": "", "seen": "0"}
    assert client.get(address("latest", amara), asked).status_code == 204
    asked["seen"] = "1"  # whatever a page may say it has
    assert "Nothing was written yet" in text(client.get(address("latest", amara), asked).content)
    asked["seen"] = "0"
    write(amara, "Welcome")
    fragment = client.get(address("latest", amara), asked)
    assert "Welcome" in text(fragment.content)
    assert "Today" in text(fragment.content)


def test_a_page_costs_the_same_for_one_message_as_for_thirty(
    client: Client, user: User, amara: Contact
) -> None:
    attach(write(amara))
    with CaptureQueriesContext(connection) as few:
        client.get("/portal/")
    for _time in range(10):
        attach(write(amara))
        answer(amara)
    with CaptureQueriesContext(connection) as many:
        client.get("/portal/")
    assert len(many) == len(few) <= 12
