"""A handover later on: noted once, the same for everybody, and open to whom it may be."""

import hashlib

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.models import ActivityEvent
from contacts.models import Contact, Delivery, Message
from tests.activity.happenings import happen
from tests.activity.history.handovers import (
    changed_contact,
    content,
    exports,
    make,
    page_address,
    sheet,
    text,
)
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def amara() -> Contact:
    return changed_contact()


def test_the_file_is_the_same_for_everybody_at_any_time(
    client: Client, max_: User, amara: Contact
) -> None:
    mia = User.objects.get(name="Mia")
    message = Message.send(make_contact(emails=["b@x.example"]), author=mia, address="b@x.example",
                           body="Hello")  # fmt: skip
    amara.restore()
    mail = Message.send(amara, author=mia, address="a@calder.example", body="Hello")
    page = sheet(client, make(client, amara))
    before = content(client, page)
    # the world goes on: a mail fails and is sent again, people rename themselves, more happens
    Delivery.objects.exclude(message=message).update(state="failed", error="No such mailbox")
    assert Message.objects.get(pk=mail.pk).retry()
    mia.name = "Mia Lund"
    mia.save()
    happen(amara, times=3)
    client.force_login(make_user(name="Ada", time_zone="Asia/Tokyo", language="de"))
    assert content(client, page) == before
    told = sheet(client, page_address(page))  # written in Ada's language, the fingerprint is not
    assert hashlib.sha256(before).hexdigest() in told
    assert "notice warn" not in told
    assert b"a@calder.example <" in before


def test_making_one_is_an_event_of_the_contact_and_sent_twice_it_is_one(
    client: Client, max_: User, amara: Contact
) -> None:
    sent = uuid7()
    assert make(client, amara, pk=sent) == make(client, amara, pk=sent)
    [event] = exports(amara)
    assert event.actor_id == max_.pk
    history = client.get(reverse("contact_history", args=[amara.pk])).content.decode()
    assert "Max made a handover sheet (3 events)" in text(history)
    assert reverse("contact_handover_sheet", args=[amara.pk, event.uid]) in history
    assert make(client, amara) != make(client, amara)
    assert len(exports(amara)) == 3


def test_opening_the_sheet_and_the_file_again_writes_nothing(
    client: Client, max_: User, amara: Contact
) -> None:
    address = make(client, amara)
    count = ActivityEvent.objects.count()
    content(client, sheet(client, address))
    assert ActivityEvent.objects.count() == count


def test_a_sheet_that_reads_otherwise_now_says_so(
    client: Client, max_: User, amara: Contact
) -> None:
    comment = make_comment(amara, body="The margin is forty percent")
    page = sheet(client, make(client, amara))
    assert "Make a new sheet" not in page
    comment.remove(by=comment.author)
    assert "forty percent" in sheet(client, page_address(page))  # Max moderates
    keeper = make_user(name="Ben")  # may export, but not read what was deleted
    keeper.user_permissions.add(*permissions("export_contacts", "view_contact"))
    client.force_login(User.objects.get(pk=keeper.pk))
    told = sheet(client, page_address(page))
    assert "forty percent" not in told
    assert b"forty percent" not in content(client, told)
    assert "Make a new sheet" in told


def permissions(*codenames: str) -> list[Permission]:
    """Return permissions by name."""
    return list(Permission.objects.filter(codename__in=codenames))


@pytest.mark.parametrize("name", ["Vic", "Ben"])
def test_only_who_may_export_makes_one_or_sees_one(
    client: Client, max_: User, amara: Contact, name: str
) -> None:
    address = make(client, amara)
    client.force_login(make_user(name=name))
    assert client.post(reverse("contact_handover", args=[amara.pk])).status_code == 403
    assert client.get(address).status_code == 403
    assert client.get(f"{address}.csv").status_code == 403
    assert address not in client.get(reverse("contact_history", args=[amara.pk])).content.decode()


def test_a_handover_of_another_contact_is_not_found(
    client: Client, max_: User, amara: Contact
) -> None:
    uid = make(client, amara).rpartition("/")[2]
    other = make_contact(given_name="Henrik")
    created = ActivityEvent.objects.of(amara.pk).get(verb="contact.created")
    [number] = happen(amara, "export.created", format="csv")
    export = ActivityEvent.objects.get(pk=number)
    for contact, event in ((other, uid), (amara, created.uid), (amara, export.uid)):
        address = reverse("contact_handover_sheet", args=[contact.pk, event])
        assert client.get(address).status_code == 404
        assert client.get(f"{address}.csv").status_code == 404


def test_of_a_deleted_contact_only_the_receipt_is_left(
    client: Client, max_: User, amara: Contact
) -> None:
    address = make(client, amara)
    amara.delete()
    assert client.get(address).status_code == 410
    assert client.get(f"{address}.csv").status_code == 410
    assert client.post(reverse("contact_handover", args=[amara.pk])).status_code == 410
