"""Runs of bulk actions: what survives when a worker dies, and when two of them work."""

from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from celery import current_app
from celery.contrib.testing.worker import start_worker
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from activity.models import ActivityEvent
from contacts.models import (
    BulkRun,
    BulkSkip,
    Contact,
    Delivery,
    Message,
    bulk,
    bulk_finished,
    changed,
)
from contacts.tasks import run_bulk, sweep_bulk_runs
from tests.contacts.bulk_runs.running import INVITATION, LETTER, counts, finished, people, started
from tests.dying import die_in
from tests.threads import at_once


@pytest.mark.django_db(transaction=True)
class TestWithoutAWorker:
    @pytest.mark.parametrize(
        ("action", "parameters"), [("message", LETTER), ("invite", INVITATION)]
    )
    def test_a_killed_worker_writes_to_nobody_twice_and_forgets_nobody(
        self, action: str, parameters: Any
    ) -> None:
        """The process dies in the middle of a contact, its mail queued and not yet committed."""
        people(20)
        run = started(action, **parameters)
        die_in(run, "django.db.models.signals.post_save", Delivery, after=7)
        assert (run.state, run.done, Delivery.objects.count()) == ("running", 7, 7)

        BulkRun.objects.update(touched_at=timezone.now() - timedelta(minutes=2))
        assert list(BulkRun.objects.abandoned()) == [run]
        run_bulk(str(run.pk))
        run.refresh_from_db()
        assert (run.state, *counts(run)) == ("finished", 20, 0, 0)
        recipients = Delivery.objects.values_list("recipient", flat=True)
        assert len(recipients) == len(set(recipients)) == 20
        assert ActivityEvent.objects.filter(verb="bulk.finished").count() == 1

    def test_an_error_in_the_middle_leaves_the_rest_for_the_next_attempt(self) -> None:
        people(5)
        run = started("message", **LETTER)
        seen: list[Any] = []

        def fail(sender: Any, changes: list[Any], **kwargs: Any) -> None:
            seen.extend(changes)
            if len(seen) == 3:
                raise RuntimeError("the power is gone")

        changed.connect(fail)
        with pytest.raises(RuntimeError):
            run_bulk(str(run.pk))
        assert Message.objects.count() == 2
        run_bulk(str(run.pk))
        changed.disconnect(fail)
        run.refresh_from_db()
        assert (run.state, run.acted) == ("finished", 5)
        assert Message.objects.count() == Delivery.objects.count() == 5

    def test_the_cursor_set_back_sends_no_message_again(self) -> None:
        people(3)
        run = finished("message", **LETTER)
        assert run.parameters == {}  # a text goes with its messages
        BulkRun.objects.update(state="running", done=0, acted=0, parameters=LETTER)
        run_bulk(str(run.pk))
        assert Message.objects.count() == Delivery.objects.count() == 3

    def test_two_workers_at_one_run_do_everything_once(self) -> None:
        people(40)
        run = started("archive", reason="")
        at_once(*[partial(run_bulk, str(run.pk))] * 2)
        run.refresh_from_db()
        assert (run.state, *counts(run)) == ("finished", 40, 0, 0)
        assert ActivityEvent.objects.filter(verb="contact.archived").count() == 40

    def test_stopping_takes_effect_at_the_next_batch(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(bulk, "BATCH", 2)
        people(5)
        run = started("archive", reason="")
        seen: list[Any] = []

        def stop(sender: Any, changes: list[Any], **kwargs: Any) -> None:
            seen.extend(changes)
            if len(seen) == 2:
                transaction.on_commit(lambda: BulkRun.objects.get(pk=run.pk).stop())

        changed.connect(stop)
        run_bulk(str(run.pk))
        changed.disconnect(stop)
        run.refresh_from_db()
        assert (run.state, run.done, run.left) == ("stopped", 2, 3)
        assert Contact.objects.archived().count() == 2
        assert ActivityEvent.objects.get(verb="bulk.finished").payload["state"] == "stopped"

    def test_a_contact_deleted_meanwhile_is_left_out(self) -> None:
        people(2)
        run = started("archive", reason="")
        Contact.objects.get(given_name="P0").delete()
        run_bulk(str(run.pk))
        assert BulkSkip.objects.get().reason == "deleted"
        assert run.first_skips(1)[0].contact is None

    def test_a_contact_merged_meanwhile_is_left_out_and_not_called_deleted(self) -> None:
        people(2)
        run = started("archive", reason="")
        Contact.objects.get(given_name="P1").absorb(Contact.objects.get(given_name="P0"), {})
        run_bulk(str(run.pk))
        assert BulkSkip.objects.get().reason == "merged"
        assert Contact.objects.archived().get().given_name == "P1"

    def test_a_thousand_contacts_cost_the_same_few_queries_each(self) -> None:
        people(1_000)
        run = started("archive", reason="")
        spent = []

        def count(execute: Any, *args: Any) -> Any:
            spent.append(1)
            return execute(*args)

        with connection.execute_wrapper(count):
            run.run()
        assert run.acted == 1_000
        assert len(spent) <= 1_000 + 5 * 14 + 20

    def test_a_run_that_is_gone_is_no_error(self) -> None:
        run_bulk("0190a000-0000-7000-8000-000000000000")

    def test_a_contact_is_left_out_once_only(self) -> None:
        people(1)
        run = started("archive", reason="")
        skip = {"run": run, "contact_id": run.contact_ids[0], "reason": "already"}
        BulkSkip.objects.create(**skip)
        with pytest.raises(IntegrityError):
            BulkSkip.objects.create(**skip)


@pytest.mark.django_db(transaction=True)
def test_a_worker_picks_up_what_was_started_and_what_was_abandoned() -> None:
    people(3)
    lost = started("archive", reason="")
    BulkRun.objects.update(touched_at=timezone.now() - timedelta(minutes=2))
    fresh = BulkRun.select("tag", Contact.objects.all(), lost.started_by)
    fresh.draft({"add": [], "remove": ["None"]})
    over = Barrier(2)
    ended = []

    def note(run: BulkRun, **kwargs: Any) -> None:
        ended.append(run.pk)
        if len(ended) == 2:
            transaction.on_commit(over.wait)

    bulk_finished.connect(note)
    try:
        with start_worker(current_app, perform_ping_check=False, pool="solo", loglevel="ERROR"):
            with transaction.atomic():
                fresh.start()
            sweep_bulk_runs()
            over.wait(timeout=30)
    finally:
        bulk_finished.disconnect(note)
    assert set(BulkRun.objects.values_list("state", flat=True)) == {"finished"}
    event = ActivityEvent.objects.filter(verb="contact.archived").first()
    assert event.actor_id == lost.started_by_id
