"""What a clock that was set back left behind: rows of the future hold nothing up.

`python -m tests.faults.clock` lets the clock of real processes jump.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from activity.ledger import daily
from activity.ledger.verification.nightly import is_due
from activity.models import ActivityEvent, Anchor, Checkpoint, LedgerCheck
from config.celery import app
from config.schedule import Schedule
from contacts.models import BulkRun, Comment, Delivery, ImportRun, Message
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db
AHEAD = timedelta(hours=3)


@pytest.fixture
def ahead() -> Any:
    return timezone.now() + AHEAD


def test_beat_goes_on_at_once(tmp_path: Any, ahead: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    schedule, told = Schedule(app=app, schedule_filename=str(tmp_path / "beat")), []
    for entry in schedule.schedule.values():
        entry.last_run_at = ahead
    monkeypatch.setattr(schedule, "apply_entry", lambda entry, **_: told.append(entry.name))
    assert schedule.tick() <= 10
    for entry in schedule.schedule.values():
        entry.last_run_at -= timedelta(minutes=1)
    schedule._heap = None
    while schedule.tick() == 0:
        pass
    assert "sweep-deliveries" in told


def test_mail_queued_while_the_clock_was_ahead_leaves(
    ahead: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact, author = make_contact(emails=["amara@calder.example"]), make_user()

    def send() -> Delivery:
        message = Message.send(contact, author=author, address=contact.email, body="Hi")
        return Delivery.objects.get(message=message)

    assert Delivery.claim(send().pk) is None  # it can still be taken back
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: ahead)
        patch.setattr(Delivery._meta.get_field("created_at"), "_get_default", lambda: ahead)
        early = send()
    Delivery.objects.sweep()
    assert Delivery.objects.get(pk=early.pk).nudged_at < ahead
    delivery, _token = Delivery.claim(early.pk)
    assert delivery.state == "sending"


@pytest.mark.parametrize("model", [ImportRun, BulkRun], ids=lambda model: model.__name__)
def test_a_run_whose_worker_died_before_that_is_picked_up(model: Any, ahead: Any) -> None:
    fields = (
        {"contact_ids": [], "total": 0, "started_by": make_user()}
        if model is BulkRun
        else {"name": "fair.csv"}
    )
    run = model.objects.create(state="running", **fields)
    assert not model.objects.abandoned().exists()
    model.objects.filter(pk=run.pk).update(touched_at=ahead)
    assert model.objects.abandoned().get() == run


@pytest.mark.django_db(transaction=True)
def test_the_log_is_anchored_and_verified_though_that_was_done_in_the_future(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_contact()
    later = timezone.now() + timedelta(days=30)
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: later)
        daily.look_after()
    assert Anchor.objects.exists()
    daily.look_after()
    assert Anchor.objects.filter(sent_at__lt=later).exists()
    assert Checkpoint.objects.exists()
    head = {"epoch": 1, "size": 1, "ok": True}
    LedgerCheck.objects.create(kind=LedgerCheck.Kind.VERIFY, began_at=later, **head)
    assert is_due()


def test_the_order_of_events_is_the_order_in_which_they_happened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    contact, author = make_contact(), make_user()
    Comment(contact=contact, author=author, body="First").save()
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now - AHEAD)
    Comment(contact=contact, author=author, body="Second").save()
    events = ActivityEvent.objects.filter(verb="comment.added").order_by("id")
    bodies = [Comment.objects.get(pk=event.object_id).body for event in events]
    assert bodies == ["First", "Second"]
    newest = ActivityEvent.objects.of(contact.pk).first()
    assert newest.object_id == Comment.objects.get(body="Second").pk
