"""A worker that is asked to end hands back what takes long; another one goes on from there."""

from collections.abc import Iterator
from typing import Any

import pytest
from celery import Task, current_app, signals
from django.db import transaction

from contacts.broker import Broker
from contacts.ending import ending
from contacts.models import Contact, ImportRun, bulk, import_reverting, importing
from contacts.tasks import run_bulk, run_import
from tests.contacts.bulk_runs.running import people as selected
from tests.contacts.bulk_runs.running import started as started_in_bulk
from tests.contacts.import_runs.running import people, started

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asked_to_end() -> Iterator[None]:
    """Ask this worker to end, as SIGTERM does."""
    signals.worker_shutting_down.send(sender="this", sig="SIGTERM", how="Warm", exitcode=0)
    yield
    ending.clear()


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: Any) -> None:
    monkeypatch.setattr(importing, "BATCH", 10)
    monkeypatch.setattr(bulk, "BATCH", 10)
    monkeypatch.setattr(import_reverting, "TAKEN", 10)


def next_worker_is_told(task: Task) -> bool:
    """Tell whether one nudge waits, and let it and the end of the worker be over."""
    told = Broker.waiting(task.name) == 1
    current_app.control.purge()
    ending.clear()
    return told


def test_an_import_is_handed_back_after_its_batch(asked_to_end: None) -> None:
    run = started(people(25))
    run_import(str(run.pk))
    run.refresh_from_db()
    assert (run.state, run.done) == ("running", 10)
    assert next_worker_is_told(run_import)
    run_import(str(run.pk))
    run.refresh_from_db()
    assert (run.state, run.created) == ("finished", 25)
    assert Contact.objects.count() == 25


def test_taking_an_import_back_is_handed_back_too(asked_to_end: None) -> None:
    ending.clear()
    run = started(people(25))
    run_import(str(run.pk))
    with transaction.atomic():
        run = ImportRun.objects.get()
        run.revert(run.started_by, by_worker=False)
    ending.set()
    run_import(str(run.pk))
    run.refresh_from_db()
    assert (run.state, Contact.objects.count()) == ("reverting", 15)
    assert next_worker_is_told(run_import)
    run_import(str(run.pk))
    run.refresh_from_db()
    assert (run.state, Contact.objects.count()) == ("reverted", 0)


def test_a_bulk_action_is_handed_back_after_its_batch(asked_to_end: None) -> None:
    selected(25)
    run = started_in_bulk("tag", add=["Fair"], remove=[])
    run_bulk(str(run.pk))
    run.refresh_from_db()
    assert (run.state, run.done) == ("running", 10)
    assert next_worker_is_told(run_bulk)
    run_bulk(str(run.pk))
    run.refresh_from_db()
    assert (run.state, run.acted) == ("finished", 25)
