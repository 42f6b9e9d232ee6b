"""What the badge says of the log is so, at each moment of its life."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activity.ledger.refusal import Refused
from activity.ledger.sealing import seal_pending
from activity.ledger.status import COUNTED, State, status
from activity.ledger.verification.run import Verification
from activity.models import ActivityEvent, Checkpoint, LedgerCheck, Pending
from contacts.models import Contact
from tests.activity.happenings import happen
from tests.activity.ledger.tampering import forge, run, unguarded
from tests.builders import make_contact

pytestmark = pytest.mark.django_db

CHANGE = "UPDATE activity_event SET verb = 'contact.archived' WHERE id = %s"


@pytest.fixture
def amara() -> Contact:
    """Return a contact with ten sealed events."""
    amara = make_contact()
    happen(amara, times=9)
    seal_pending()
    return amara


def verify() -> None:
    verification = Verification()
    assert all(finding for finding in verification.run())
    verification.keep()


def age(events: list[int], **span: float) -> None:
    with unguarded():
        run(
            "UPDATE activity_event SET recorded_at = recorded_at - %s WHERE id = ANY(%s)",
            timedelta(**span), events,
        )  # fmt: skip


def newest() -> ActivityEvent:
    return ActivityEvent.objects.latest("id")


def test_before_anything_happens_nothing_is_claimed() -> None:
    now = status()
    assert now.state == State.UNCHECKED
    assert (now.up_to, now.up_to_event, now.pending, now.checkpoint) == (None, None, 0, None)


def test_without_a_key_and_without_seals_it_is_off(settings: Any) -> None:
    settings.ANNALS_LEDGER_KEY = ""
    happen(make_contact())
    assert status().state == State.OFF
    assert status().pending == 2


def test_a_web_process_without_the_key_knows_that_another_seals(
    amara: Contact, settings: Any
) -> None:
    settings.ANNALS_LEDGER_KEY = ""
    verify()
    assert status().state == State.VERIFIED


def test_sealed_and_never_compared_is_not_verified(amara: Contact) -> None:
    assert status().state == State.UNCHECKED
    assert status().up_to_event == newest().pk


def test_sealed_and_compared_is_verified_up_to_the_newest_event(amara: Contact) -> None:
    verify()
    now = status()
    assert now.state == State.VERIFIED
    assert (now.up_to, now.up_to_event) == (newest().recorded_at, newest().pk)
    assert now.checkpoint == Checkpoint.objects.get()
    assert now.checked.size == 10
    assert now.findings == []


def test_what_waits_for_some_seconds_is_not_behind_and_not_verified_yet(amara: Contact) -> None:
    verify()
    sealed = newest()
    happen(amara, times=3)
    now = status()
    assert now.state == State.VERIFIED
    assert (now.up_to_event, now.pending) == (sealed.pk, 3)
    assert not now.is_late


def test_what_waits_for_more_than_a_minute_is_behind(amara: Contact) -> None:
    verify()
    sealed = newest()
    waiting = happen(amara, times=3)
    age(waiting, seconds=61)
    now = status()
    assert (now.state, now.up_to_event) == (State.BEHIND, sealed.pk)
    assert now.oldest_pending == ActivityEvent.objects.get(pk=waiting[0]).recorded_at
    assert now.is_late


def test_it_is_verified_only_up_to_the_oldest_that_waits(amara: Contact) -> None:
    """Transactions commit in another order than their events are numbered."""
    first, *_others = happen(amara, times=3)
    run("DELETE FROM activity_pending WHERE event_id = %s", first)
    seal_pending()
    before = ActivityEvent.objects.filter(pk__lt=first).latest("id")
    Pending.objects.create(event_id=first)
    assert status().up_to_event == before.pk


def test_a_full_check_that_is_two_days_old_is_behind(amara: Contact) -> None:
    verify()
    LedgerCheck.objects.update(ended_at=timezone.now() - timedelta(hours=49))
    assert status().state == State.BEHIND
    assert status().is_overdue


def test_a_check_that_found_something_is_broken_until_one_finds_nothing(amara: Contact) -> None:
    event = newest()
    forge(CHANGE, event.pk)
    verify()
    assert status().state == State.BROKEN
    assert [found["event"] for found in status().findings] == [event.pk]
    forge(CHANGE.replace("contact.archived", event.verb), event.pk)
    assert status().state == State.BROKEN
    verify()
    assert status().state == State.VERIFIED


def test_a_sealer_that_refuses_is_broken_until_it_signs_again(amara: Contact) -> None:
    verify()
    [event] = happen(amara)
    salt = bytes(ActivityEvent.objects.get(pk=event).salt)
    forge("UPDATE activity_event SET salt = '\\x00' WHERE id = %s", event)
    with pytest.raises(Refused):
        seal_pending()
    assert status().state == State.BROKEN
    assert [found["event"] for found in status().findings] == [event]
    forge("UPDATE activity_event SET salt = %s WHERE id = %s", salt, event)
    seal_pending()
    assert status().state == State.VERIFIED


def test_being_broken_is_said_before_being_behind(amara: Contact) -> None:
    forge(CHANGE, newest().pk)
    verify()
    age(happen(amara), minutes=10)
    assert status().state == State.BROKEN


def test_it_counts_what_waits_up_to_a_limit(amara: Contact) -> None:
    run("INSERT INTO activity_pending SELECT 1000000 + i FROM generate_series(1, 20000) AS i")
    assert status().pending == COUNTED + 1


def test_it_takes_six_queries_however_much_there_is(amara: Contact) -> None:
    verify()
    happen(amara)
    with CaptureQueriesContext(connection) as few:
        status()
    happen(amara, times=300)
    seal_pending()
    happen(amara, times=50)
    with CaptureQueriesContext(connection) as more:
        status()
    assert len(few) == len(more) == 6
