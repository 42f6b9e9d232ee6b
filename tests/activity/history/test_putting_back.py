"""Putting an earlier value back: exactly that value, and once."""

import re
import threading
from html import unescape

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from activity.models import ActivityEvent
from contacts.models import Contact, Tag
from tests.activity.history.putting_back import change, press, restored, text
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


def test_an_earlier_value_is_put_back_and_the_log_says_from_where(
    client: Client, mia: User, amara: Contact
) -> None:
    change(amara, job_title="Chair")
    answer = press(client, amara, 1, "job_title")
    assert answer.status_code == 303
    assert amara.job_title == "Director"
    [event] = restored(amara)
    assert event.actor_id == mia.pk
    assert [(c["label"], c["old"], c["new"]) for c in event.changes] == [
        ("Job title", "Chair", "Director")
    ]
    created = ActivityEvent.objects.of(amara.pk).get(verb="contact.created")
    assert event.payload["from_version"] == 1
    assert event.payload["entry"] == str(created.uid)
    assert amara.history.first().version == amara.version == 3
    activity = client.get(amara.get_absolute_url())
    assert "Mia put back an earlier value of Job title" in text(activity)
    assert f"#e-{created.id}" in activity.content.decode()


def test_the_page_offers_each_value_that_does_not_hold_now(
    client: Client, mia: User, amara: Contact
) -> None:
    change(amara, job_title="Chair")
    change(amara, job_title="Partner")
    page = client.get(reverse("contact_history", args=[amara.pk])).content.decode()
    offered = re.findall(r"history/(\d+)/put-back\?field=(\w+)&amp;seen=(\d+)", page)
    # the newest value holds; what was never anything else is not offered
    assert offered == [("2", "job_title", "3"), ("1", "job_title", "3"), ("2", "job_title", "3"),
                       ("1", "job_title", "3")]  # fmt: skip


def test_it_can_be_undone(client: Client, mia: User, amara: Contact) -> None:
    change(amara, job_title="Chair")
    press(client, amara, 1, "job_title")
    page = client.get(reverse("contact_history", args=[amara.pk])).content.decode()
    undo = re.search(r'action="([^"]+)" data-undo', page)
    assert undo
    client.post(unescape(undo[1]))
    amara.refresh_from_db()
    assert amara.job_title == "Chair"
    assert len(restored(amara)) == 2


def test_pressed_twice_it_is_done_once(client: Client, mia: User, amara: Contact) -> None:
    change(amara, job_title="Chair")
    seen = amara.version
    press(client, amara, 1, "job_title", seen)
    again = press(client, amara, 1, "job_title", seen)
    assert again.status_code == 303
    assert len(restored(amara)) == 1
    assert "has that value already" in text(client.get(again.headers["Location"]))


def test_what_somebody_changed_in_another_field_stays(
    client: Client, mia: User, amara: Contact
) -> None:
    change(amara, job_title="Chair")
    seen = amara.version
    change(amara, city="Lagos")
    assert press(client, amara, 1, "job_title", seen).status_code == 303
    assert (amara.job_title, amara.city) == ("Director", "Lagos")


@pytest.mark.usefixtures("mia")
@pytest.mark.parametrize(
    ("field", "before", "after"),
    [
        ("emails", ["b@x.example", "a@x.example"], ["a@x.example"]),
        ("phones", ["+442079460142", "+442079460143"], []),
        ("tags", ["Key account", "Renewal"], ["Expo"]),
    ],
)
def test_lists_come_back_whole_and_in_their_order(
    client: Client, amara: Contact, field: str, before: list[str], after: list[str]
) -> None:
    change(amara, **{field: before})
    change(amara, **{field: after})
    assert press(client, amara, 2, field).status_code == 303
    assert getattr(amara, field) == before
    change(amara, **{field: after})
    assert getattr(amara, field) == after  # the version was not tied to the row


def test_tags_that_come_back_are_offered_again(client: Client, mia: User, amara: Contact) -> None:
    change(amara, tags=["Expo"])
    change(amara, tags=[])
    Tag.objects.all().delete()
    press(client, amara, 2, "tags")
    assert Tag.objects.filter(name="Expo").exists()


def test_an_empty_value_can_be_put_back(client: Client, mia: User, amara: Contact) -> None:
    change(amara, notes="A rumour")
    assert press(client, amara, 1, "notes").status_code == 303
    assert amara.notes == ""


def test_a_value_that_no_form_would_take_comes_back_as_it_came_in(
    client: Client, mia: User, amara: Contact
) -> None:
    change(amara, phones=["ask the porter"])
    change(amara, phones=["+442079460142"])
    assert press(client, amara, 2, "phones").status_code == 303
    assert amara.phones == ["ask the porter"]


def test_an_owner_who_is_there_comes_back(client: Client, mia: User, amara: Contact) -> None:
    change(amara, owner=make_user(name="Ben"))
    change(amara, owner=None)
    assert press(client, amara, 2, "owner_id").status_code == 303
    assert str(amara.owner) == "Ben"


@pytest.mark.django_db(transaction=True)
def test_the_database_takes_it_for_a_recorded_change(client: Client) -> None:
    client.force_login(make_user(name="Mia"))
    amara = make_contact(given_name="Amara", job_title="Director")
    change(amara, job_title="Chair")
    press(client, amara, 1, "job_title")  # COMMIT checks the event and the version
    assert amara.job_title == "Director"
    assert [row.version for row in amara.history.all()] == [3, 2, 1]


@pytest.mark.django_db(transaction=True)
def test_two_who_press_at_once_put_it_back_once() -> None:
    mia, amara = make_user(name="Mia"), make_contact(given_name="Amara", job_title="Director")
    change(amara, job_title="Chair")
    address = reverse(
        "contact_put_back", args=[amara.pk, 1], query={"field": "job_title", "seen": 2}
    )
    answers: list[int] = []

    def run() -> None:
        client = Client()
        client.force_login(mia)
        answers.append(client.post(address).status_code)
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    with transaction.atomic():
        Contact.objects.locked(amara.pk)
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303, 303, 303]
    assert len(restored(amara)) == 1
