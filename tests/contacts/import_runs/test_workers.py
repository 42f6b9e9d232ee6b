"""Runs of an import: what survives when a worker dies, and when two of them work."""

from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from celery import current_app
from celery.contrib.testing.worker import start_worker
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from kombu import pools

from contacts.models import Contact, ImportRun, changed, importing
from contacts.tasks import run_import, sweep_imports
from tests.contacts.import_runs.running import imported_events, people, receive, started
from tests.dying import die_in
from tests.threads import at_once


@pytest.mark.django_db(transaction=True)
class TestWithoutAWorker:
    def test_the_file_goes_when_the_import_is_over(self) -> None:
        run = started(people(1))
        assert default_storage.exists(run.file.name)
        run.run()
        assert not default_storage.exists(run.file.name)

    def test_a_killed_worker_loses_and_doubles_nobody(self) -> None:
        """The process dies in its second batch, after its contacts and before the commit."""
        run = started(people(1_200))
        die_in(run, "contacts.models.changed", Contact, after=500)
        assert (run.state, run.done, Contact.objects.count()) == ("running", 500, 500)

        ImportRun.objects.update(touched_at=timezone.now() - timedelta(minutes=2))
        assert list(ImportRun.objects.abandoned()) == [run]
        run_import(str(run.pk))
        run.refresh_from_db()
        assert (run.state, run.done, run.created, run.failed) == ("finished", 1_200, 1_200, 0)
        assert Contact.objects.count() == imported_events() == 1_200
        assert len({email for c in Contact.objects.all() for email in c.emails}) == 1_200

    def test_two_workers_at_one_import_add_everybody_once(self) -> None:
        # Without an email nobody is recognised as being here already.
        run = started("Company,City\n" + "".join(f"Company {n},\n" for n in range(1_200)))
        at_once(*[partial(run_import, str(run.pk))] * 2)
        run.refresh_from_db()
        assert (run.state, run.done, run.created) == ("finished", 1_200, 1_200)
        assert Contact.objects.count() == imported_events() == 1_200

    def test_two_imports_of_one_file_at_once_add_everybody_once(self) -> None:
        runs = [started(people(1_200)) for _ in range(2)]
        at_once(*(partial(run_import, str(run.pk)) for run in runs))
        assert Contact.objects.count() == 1_200
        assert sum(ImportRun.objects.values_list("skipped", flat=True)) == 1_200

    def test_stopping_takes_effect_at_the_next_batch(self) -> None:
        run = started(people(1_200))

        def stop(sender: Any, changes: list[Any], **kwargs: Any) -> None:
            transaction.on_commit(lambda: ImportRun.objects.get(pk=run.pk).stop())

        changed.connect(stop, weak=False, dispatch_uid="stop")
        try:
            run_import(str(run.pk))
        finally:
            changed.disconnect(dispatch_uid="stop")
        run.refresh_from_db()
        assert (run.state, run.done, Contact.objects.count()) == ("stopped", 500, 500)

    def test_a_queue_that_cannot_be_reached_fails_no_request(self, caplog: Any) -> None:
        run = receive(people(1))
        reachable = current_app.conf.broker_url
        current_app.conf.broker_url = "redis+socket:///nowhere/redis.sock"
        forget_connections()
        try:
            with transaction.atomic():
                run.start(run.targets)
        finally:
            current_app.conf.broker_url = reachable
            forget_connections()
        run.refresh_from_db()
        assert run.state == "queued"
        assert "The queue is away; the next sweep finds what is due" in caplog.text

    def test_the_sweep_forgets_drafts_that_nobody_started(self) -> None:
        old, new = receive(people(1)), receive(people(2))
        ImportRun.objects.filter(pk=old.pk).update(touched_at=timezone.now() - timedelta(days=2))
        sweep_imports()
        assert list(ImportRun.objects.all()) == [new]
        assert not default_storage.exists(old.file.name)


def forget_connections() -> None:
    """Let Celery connect anew, to the broker that its configuration names now."""
    pools.reset()
    current_app._pool = None
    current_app.amqp._producer_pool = None


@pytest.mark.django_db(transaction=True)
def test_a_worker_picks_up_what_was_started_and_what_was_abandoned() -> None:
    fresh, lost = receive(people(10)), started("Name,City\nLost,\n")
    ImportRun.objects.filter(pk=lost.pk).update(touched_at=timezone.now() - timedelta(minutes=2))
    over = Barrier(2)
    ended = []

    def note(run: ImportRun, **kwargs: Any) -> None:
        ended.append(run.pk)
        if len(ended) == 2:
            transaction.on_commit(over.wait)

    importing.import_finished.connect(note, weak=False, dispatch_uid="note")
    try:
        with start_worker(current_app, perform_ping_check=False, pool="solo", loglevel="ERROR"):
            with transaction.atomic():
                fresh.start(fresh.targets)
            sweep_imports()
            over.wait(timeout=30)
    finally:
        importing.import_finished.disconnect(dispatch_uid="note")
    assert set(ImportRun.objects.values_list("state", flat=True)) == {"finished"}
    assert Contact.objects.count() == 11
