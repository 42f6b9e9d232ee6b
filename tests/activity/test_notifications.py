"""Who is told of what: mentions, what one follows, and when it counts as read."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.context import acting
from activity.models import ActivityEvent, Notification
from activity.tasks import forget_old_notifications
from contacts.models import BulkRun, Comment, Contact, Follow, Mention, Message
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def amara() -> Contact:
    return make_contact(emails=["amara@calder.example"], given_name="Amara")


@pytest.fixture
def mia() -> User:
    return make_user(name="Mia")


@pytest.fixture
def max_() -> User:
    return make_user(name="Max")


def write(contact: Contact, author: User, body: str) -> Comment:
    comment = Comment(pk=uuid7())
    with acting(actor=author, channel="web"):
        Comment.add(contact, author=author, body=body, pk=comment.pk)
    return Comment.objects.get(pk=comment.pk)


def told(user: User) -> list[tuple[str, str]]:
    """Return what a user was told, oldest first: why, and of which verb."""
    rows = Notification.objects.filter(user=user).order_by("pk")
    return [(each.reason, each.event.verb) for each in rows.select_related("event")]


def test_who_is_mentioned_is_told_once_by_name_and_address(
    amara: Contact, mia: User, max_: User
) -> None:
    write(amara, mia, "@Max, or @max@annals.example: call her")
    assert told(max_) == [("mention", "comment.added")]
    assert told(mia) == []


def test_an_edit_tells_only_whom_it_adds(amara: Contact, mia: User, max_: User) -> None:
    vic = make_user(name="Vic")
    comment = write(amara, mia, "@Max")
    Notification.objects.of(max_).mark_read()
    for body in ("@Max and @Vic", "@Max", "@Max and @Vic again"):
        comment.edit(body, comment.version)
    assert told(vic) == [("mention", "comment.added")]
    assert not Notification.objects.of(max_).unread().exists()


def test_a_follower_who_is_mentioned_by_an_edit_hears_of_it_again(
    amara: Contact, mia: User, max_: User
) -> None:
    Follow.objects.follow(max_, amara)
    comment = write(amara, mia, "Called")
    assert told(max_) == [("follow", "comment.added")]
    Notification.objects.of(max_).mark_read()
    comment.edit("Called, @Max", comment.version)
    assert told(max_) == [("mention", "comment.added")]
    assert Notification.objects.of(max_).unread().exists()


def test_a_follower_is_told_what_others_do_but_not_of_changed_fields(
    amara: Contact, mia: User, max_: User
) -> None:
    Follow.objects.follow(max_, amara)
    comment = write(amara, mia, "Called")
    with acting(actor=mia, channel="web"):
        comment.edit("Called twice", comment.version)
        amara.city = "Lagos"
        amara.save()
        amara.archive()
    with acting(actor=max_, channel="web"):
        amara.restore()
    assert told(max_) == [("follow", "comment.added"), ("follow", "contact.archived")]
    Follow.objects.unfollow(max_, amara)
    write(amara, mia, "Called again")
    assert len(told(max_)) == 2


def test_a_follower_is_told_what_the_contact_does(amara: Contact, max_: User) -> None:
    Follow.objects.follow(max_, amara)
    Message.receive(amara, body="Hello", address="amara@calder.example")
    assert told(max_) == [("follow", "message.received")]


def test_who_follows_either_of_two_merged_contacts_is_told_of_both(
    amara: Contact, mia: User, max_: User
) -> None:
    vic, twin = make_user(name="Vic"), make_contact(given_name="Mara")
    Follow.objects.follow(max_, twin)
    Follow.objects.follow(vic, amara)
    with acting(actor=mia, channel="web"):
        amara.absorb(twin, {})
    twin.refresh_from_db()
    Notification.objects.all().delete()
    write(amara, mia, "On the survivor")
    Message.receive(twin, body="To the merged one", address="x@calder.example")
    assert told(max_) == told(vic) == [("follow", "comment.added"), ("follow", "message.received")]


def test_nothing_is_told_of_what_was_undone(amara: Contact, mia: User, max_: User) -> None:
    Follow.objects.follow(max_, amara)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write(amara, mia, "@Max")
        raise ZeroDivisionError
    assert told(max_) == []


def test_a_bulk_action_on_many_is_told_once_to_each_follower(mia: User, max_: User) -> None:
    contacts = [make_contact(given_name=f"Ana {number}") for number in range(5)]
    for contact in contacts[1:]:
        Follow.objects.follow(max_, contact)
    ada = make_user(name="Ada")
    run = BulkRun.select("archive", Contact.objects.all(), ada)
    run.draft({"reason": ""})
    run.start(by_worker=False)
    with acting(actor=ada, channel="bulk"):
        run.run()
    assert ActivityEvent.objects.filter(verb="contact.archived").count() == 5
    assert told(max_) == [("follow", "contact.archived")]
    write(contacts[1], mia, "Hello")
    assert len(told(max_)) == 2


def test_writing_takes_no_query_more_for_followers(amara: Contact, mia: User, max_: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            write(amara, mia, "Hello")
        return len(found)

    queries()
    before = queries()
    for number in range(5):
        follower = make_user("viewer", name=f"V{number}")
        Follow.objects.follow(follower, amara)
    assert queries() == before
    assert told(follower) == [("follow", "comment.added")]


def test_looking_at_the_contact_marks_what_is_told_of_it_as_read(
    client: Client, amara: Contact, mia: User, max_: User
) -> None:
    other = make_contact(given_name="Ben")
    write(amara, mia, "@Max one")
    write(amara, mia, "@Max two")
    write(other, mia, "@Max three")
    one, two, three = Notification.objects.of(max_).order_by("pk")
    client.force_login(max_)
    address = reverse("contact_seen", args=[amara.pk])
    htmx = {"HX-Request": "true"}
    answer = client.post(address, {"linked": two.event_id}, headers=htmx)
    assert answer.headers["HX-Trigger"]
    assert set(Notification.objects.of(max_).unread()) == {one, three}
    client.post(address, {"newest": two.event_id}, headers=htmx)
    assert list(Notification.objects.of(max_).unread()) == [three]
    assert "HX-Trigger" not in client.post(address, {"newest": two.event_id}, headers=htmx).headers


def test_nothing_is_left_of_a_deleted_contact_or_a_closed_account(
    amara: Contact, mia: User, max_: User
) -> None:
    Follow.objects.follow(max_, amara)
    write(amara, mia, "@Max")
    other = make_contact(given_name="Ben")
    Follow.objects.follow(max_, other)
    write(other, mia, "@Max")
    amara.delete(reason="Asked for it")
    assert [each.contact_id for each in Notification.objects.all()] == [other.pk]
    max_.close()
    for model in (Notification, Follow, Mention):
        assert not model.objects.exists()


def test_old_ones_go_after_ninety_days(amara: Contact, mia: User, max_: User) -> None:
    write(amara, mia, "@Max one")
    Notification.objects.update(at=timezone.now() - timedelta(days=91))
    write(amara, mia, "@Max two")
    forget_old_notifications.apply(throw=True)
    assert Notification.objects.count() == 1
