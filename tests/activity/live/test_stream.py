"""Streams tell those who may read a contact that there is news, and nobody else."""

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction

from accounts import second_step, user_query
from accounts.sessions import sign_out_everywhere
from activity.live import hub
from activity.live import stream as streaming
from activity.models import ActivityEvent
from contacts.models import Contact
from tests.activity.live.streams import SECONDS, Stream
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def newest(contact: Contact) -> int:
    """Return the id of the newest event of a contact."""
    return ActivityEvent.objects.of(*contact.all_ids).first().id


def news(stream: Stream, event: int) -> None:
    """Read on until the event is told of; a stream may tell before that there is something."""
    end = time.monotonic() + SECONDS
    while (told := stream.next()) != ("news", event):
        assert told in {("news", 0), ("beat", 0)} and time.monotonic() < end, told


def test_a_stream_begins_with_the_newest_event_and_tells_of_the_next(
    stream: Callable[..., Stream], amara: Contact, mia: Any
) -> None:
    told = stream(amara, mia)
    assert told.answer.headers["Content-Type"] == "text/event-stream"
    assert told.answer.headers["X-Accel-Buffering"] == "no"
    news(told, newest(amara))
    make_comment(amara, mia)
    news(told, newest(amara))


def test_news_are_told_once_they_are_committed_and_not_if_they_are_undone(
    stream: Callable[..., Stream], amara: Contact, mia: Any
) -> None:
    told = stream(amara, mia)
    news(told, newest(amara))
    with transaction.atomic():
        make_comment(amara, mia, body="Undone")
        transaction.set_rollback(True)
    make_comment(amara, mia, body="Kept")
    news(told, newest(amara))


def test_a_stream_tells_nothing_of_other_contacts(
    stream: Callable[..., Stream], amara: Contact, mia: Any
) -> None:
    told = stream(amara, mia)
    news(told, newest(amara))
    make_comment(make_contact(given_name="Henrik"), mia)
    make_comment(amara, mia)
    news(told, newest(amara))


def test_a_stream_tells_of_contacts_that_were_merged_into_its_own(
    stream: Callable[..., Stream], amara: Contact, mia: Any
) -> None:
    twin = make_contact(given_name="A.", family_name="Okonkwo")
    amara.absorb(twin, {})
    amara.refresh_from_db()
    told = stream(amara, mia)
    news(told, newest(amara))
    make_comment(twin, mia)
    news(told, newest(amara))


@pytest.mark.parametrize(
    ("who", "which", "status"),
    [
        ("nobody", "amara", 401),
        ("portal", "amara", 403),
        ("Vic", "amara", 200),
        ("Vic", "unknown", 404),
        ("Vic", "no id", 404),
        ("Vic", "deleted", 410),
    ],
)
def test_who_may_read_a_contact_may_read_its_stream(
    stream: Callable[..., Stream], amara: Contact, who: str, which: str, status: int
) -> None:
    deleted = make_contact(given_name="Soledad")
    deleted.delete(reason="Asked for it")
    user = None if who == "nobody" else make_user(name=who)
    if who == "portal":
        user.groups.clear()
    contacts = {"amara": amara, "unknown": uuid4(), "no id": "none", "deleted": deleted}
    assert stream(contacts[which], user).answer.status == status


def test_who_owes_a_second_factor_reads_no_stream(
    stream: Callable[..., Stream], amara: Contact, mia: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_query, "_read_along", dict(user_query._read_along))
    second_step.require_of([mia.role])
    assert stream(amara, mia).answer.status == 403


def test_a_stream_ends_when_its_reader_loses_the_right(
    stream: Callable[..., Stream], amara: Contact, mia: Any
) -> None:
    told = stream(amara, mia)
    news(told, newest(amara))
    mia.is_active = False
    mia.save()
    assert told.next() == ("end", 401)
    assert told.next() is None


def test_a_stream_ends_when_its_session_is_ended_elsewhere(
    stream: Callable[..., Stream], amara: Contact, mia: Any
) -> None:
    told = stream(amara, mia)
    news(told, newest(amara))
    sign_out_everywhere(mia)
    assert told.next() == ("end", 401)


def test_a_right_that_was_lost_silently_is_noticed_in_time(
    stream: Callable[..., Stream],
    amara: Contact,
    mia: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert streaming.LOOK_AGAIN <= 10 * 60
    monkeypatch.setattr(streaming, "LOOK_AGAIN", 0.1)
    monkeypatch.setattr(streaming, "BEAT", 0.05)
    told = stream(amara, mia)
    news(told, newest(amara))
    Session.objects.all().delete()
    while (last := told.next()) == ("beat", 0):
        pass
    assert last == ("end", 401)


def test_a_stream_says_that_it_is_alive_and_asks_redis_whether_that_is(
    stream: Callable[..., Stream], amara: Contact, mia: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "BEAT", 0.05)
    monkeypatch.setattr(hub, "SILENCE", 1)
    told = stream(amara, mia)
    news(told, newest(amara))
    make_comment(amara, mia)
    news(told, newest(amara))
    end = time.monotonic() + 2.5 * hub.SILENCE
    while time.monotonic() < end:
        assert told.next() == ("beat", 0)  # Redis was asked, and answered


def test_one_person_cannot_take_all_streams(
    stream: Callable[..., Stream], amara: Contact, mia: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "STREAMS_EACH", 1)
    first = stream(amara, mia)
    news(first, newest(amara))
    assert stream(amara, mia).answer.status == 429
    assert stream(amara, make_user(name="Ben")).answer.status == 200


def test_a_stream_goes_on_when_redis_was_away(
    stream: Callable[..., Stream], amara: Contact, mia: Any, redis_client: Any
) -> None:
    told = stream(amara, mia)
    news(told, newest(amara))
    redis_client.client_kill_filter(_type="pubsub")
    make_comment(amara, mia)
    assert told.next()[0] == "news"
    make_comment(amara, mia)
    news(told, newest(amara))
