"""Putting an earlier value back: exactly that value, once, and never over somebody's change."""

import re
import threading
from html import unescape
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from activity.context import acting
from activity.models import ActivityEvent
from contacts.models import Contact, Tag
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def mia(client: Client) -> User:
    mia = make_user(name="Mia")
    client.force_login(mia)
    return mia


@pytest.fixture
def amara() -> Contact:
    return make_contact(given_name="Amara", job_title="Director", emails=["amara@calder.example"])


def change(contact: Contact, by: Any = None, **fields: Any) -> None:
    """Change fields of a contact, as whoever edits it does."""
    contact.refresh_from_db()
    for name, value in fields.items():
        setattr(contact, name, value)
    with acting(actor=by, channel="web"):
        contact.save()


def press(
    client: Client, contact: Contact, version: int, field: str, seen: int = 0, **more: Any
) -> HttpResponse:
    """Press the button of a value, on a page that showed the contact as it is now or was `seen`."""
    contact.refresh_from_db()
    query = {"field": field, "seen": seen or contact.version}
    address = reverse("contact_put_back", args=[contact.pk, version], query=query)
    answer = client.post(address, **more)
    contact.refresh_from_db()
    return answer


def restored(contact: Contact) -> list[ActivityEvent]:
    return list(ActivityEvent.objects.of(contact.pk).filter(verb="value.restored"))


def text(answer: HttpResponse) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


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


def test_an_undo_does_not_undo_what_somebody_else_did_since(
    client: Client, mia: User, amara: Contact
) -> None:
    change(amara, job_title="Chair")
    press(client, amara, 1, "job_title")
    seen = amara.version
    change(amara, job_title="Founder")
    answer = press(client, amara, 2, "job_title", seen, headers=HTMX)
    assert answer.status_code == 409
    assert "was changed in the meantime" in answer.headers["HX-Trigger"]
    assert amara.job_title == "Founder"


def test_pressed_twice_it_is_done_once(client: Client, mia: User, amara: Contact) -> None:
    change(amara, job_title="Chair")
    seen = amara.version
    press(client, amara, 1, "job_title", seen)
    again = press(client, amara, 1, "job_title", seen)
    assert again.status_code == 303
    assert len(restored(amara)) == 1
    assert "has that value already" in text(client.get(again.headers["Location"]))


def test_what_somebody_changed_meanwhile_is_shown_before_it_is_overwritten(
    client: Client, mia: User, amara: Contact
) -> None:
    change(amara, job_title="Chair")
    seen = amara.version
    change(amara, job_title="Founder")
    answer = press(client, amara, 1, "job_title", seen)
    assert answer.status_code == 409
    assert amara.job_title == "Founder"
    assert "Job title was changed in the meantime" in text(answer)
    assert "Founder Director" in text(answer)
    address = re.search(r'method="post" action="([^"]+put-back[^"]+)"', answer.content.decode())
    assert address
    client.post(unescape(address[1]))
    amara.refresh_from_db()
    assert amara.job_title == "Director"


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


@pytest.mark.parametrize(
    ("field", "value"), [("emails", "shared@x.example"), ("phones", "+442079460142")]
)
def test_an_address_that_another_contact_has_now_is_asked_about(
    client: Client, mia: User, amara: Contact, field: str, value: str
) -> None:
    change(amara, **{field: [value]})
    change(amara, **{field: []})
    other = make_contact(given_name="Henrik", **{field: [value]})
    answer = press(client, amara, 2, field)
    assert answer.status_code == 409
    assert f"Henrik has {value} now." in text(answer)
    assert other.get_absolute_url() in answer.content.decode()
    assert getattr(amara, field) == []
    address = re.search(r'method="post" action="([^"]+put-back[^"]+)"', answer.content.decode())
    assert address
    client.post(unescape(address[1]))
    amara.refresh_from_db()
    assert getattr(amara, field) == [value]


def test_an_owner_who_left_does_not_come_back(client: Client, mia: User, amara: Contact) -> None:
    ben = make_user(name="Ben")
    change(amara, owner=ben)
    change(amara, owner=mia)
    ben.is_active = False
    ben.save()
    answer = press(client, amara, 2, "owner_id")
    assert answer.status_code == 422
    assert "Ben is not in the team any more" in text(answer)
    assert amara.owner_id == mia.pk
    assert not restored(amara)


def test_an_owner_who_is_there_comes_back(client: Client, mia: User, amara: Contact) -> None:
    change(amara, owner=make_user(name="Ben"))
    change(amara, owner=None)
    assert press(client, amara, 2, "owner_id").status_code == 303
    assert str(amara.owner) == "Ben"


def test_nothing_is_put_back_that_leaves_nobody_to_find(client: Client, mia: User) -> None:
    nobody = make_contact(organisation="Calder & Wren")
    change(nobody, organisation="", given_name="Amara")
    answer = press(client, nobody, 1, "given_name")
    assert answer.status_code == 422
    assert "so that this contact can be found again" in text(answer)
    assert nobody.given_name == "Amara"


def test_an_archived_contact_is_restored_first(client: Client, mia: User, amara: Contact) -> None:
    change(amara, job_title="Chair")
    amara.archive()
    page = client.get(reverse("contact_history", args=[amara.pk])).content.decode()
    assert "put-back?" not in page
    answer = press(client, amara, 1, "job_title")
    assert answer.status_code == 409
    assert "Restore this contact first" in text(answer)
    assert amara.job_title == "Chair"


@pytest.mark.parametrize(
    "field", ["archived_at", "do_not_contact_at", "version", "id", "search", "nonsense", ""]
)
def test_only_what_people_edit_can_be_put_back(
    client: Client, mia: User, amara: Contact, field: str
) -> None:
    amara.opt_out(source="team")
    answer = press(client, amara, 1, field)
    assert answer.status_code == 422
    assert amara.do_not_contact_at
    assert not restored(amara)


def test_a_version_that_never_was_is_not_found(client: Client, mia: User, amara: Contact) -> None:
    assert press(client, amara, 9, "job_title").status_code == 404
    assert press(client, amara, 10**30, "job_title").status_code == 404


@pytest.mark.parametrize("seen", ["", "x", "0", "-1", str(10**30)])
def test_a_page_that_does_not_say_what_it_showed_changes_nothing(
    client: Client, mia: User, amara: Contact, seen: str
) -> None:
    change(amara, job_title="Chair")
    address = reverse("contact_put_back", args=[amara.pk, 1])
    answer = client.post(f"{address}?field=job_title&seen={seen}")
    assert answer.status_code == 422
    amara.refresh_from_db()
    assert amara.job_title == "Chair"


def test_a_viewer_cannot_put_anything_back(client: Client, amara: Contact) -> None:
    client.force_login(make_user(name="Vic"))
    change(amara, job_title="Chair")
    assert press(client, amara, 1, "job_title").status_code == 403
    assert amara.job_title == "Chair"


def test_a_deleted_contact_answers_with_its_receipt(
    client: Client, mia: User, amara: Contact
) -> None:
    address = reverse("contact_put_back", args=[amara.pk, 1])
    amara.delete()
    assert client.post(f"{address}?field=job_title&seen=1").status_code == 410


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
