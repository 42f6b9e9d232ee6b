"""The log is verified by itself, once a night, whatever goes on meanwhile."""

from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection

from activity.ledger.sealing import seal_pending
from activity.ledger.verification.nightly import verify_when_due
from activity.ledger.verification.run import Verification
from activity.models import LedgerCheck
from activity.tasks import verify_ledger
from contacts.models import Contact
from tests.activity.happenings import happen
from tests.activity.ledger.tampering import forge
from tests.activity.ledger.verifying import CHANGE, event_at
from tests.builders import make_contact


def test_the_log_is_verified_once_a_night(amara: Contact) -> None:
    verify_ledger()
    check = LedgerCheck.objects.get()
    assert check.ok
    verify_ledger()
    assert LedgerCheck.objects.count() == 1
    LedgerCheck.objects.update(began_at="2026-05-06T12:00Z")
    verify_ledger()
    assert LedgerCheck.objects.count() == 2


def test_what_it_found_at_night_is_logged(amara: Contact, caplog: Any) -> None:
    event = event_at(42)
    forge(CHANGE, event)
    verify_ledger()
    assert f"Findings: 1; the first one: event {event}: " in caplog.text


def test_there_is_nothing_to_verify_before_anything_is_sealed(db: None) -> None:
    verify_ledger()
    assert not LedgerCheck.objects.exists()


def test_the_task_is_scheduled() -> None:
    from config.celery import app

    assert verify_ledger.name in {entry["task"] for entry in app.conf.beat_schedule.values()}


@pytest.mark.django_db(transaction=True)
def test_what_is_written_meanwhile_is_no_finding() -> None:
    amara, stop = make_contact(), Event()
    seal_pending()

    def write() -> None:
        try:
            while not stop.is_set():
                happen(amara, times=20)
                seal_pending()
        finally:
            connection.close()

    writer = Thread(target=write)
    writer.start()
    try:
        for _round in range(5):
            verification = Verification()
            assert list(verification.run()) == []
    finally:
        stop.set()
        writer.join()
    assert verification.events > 1


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_one_verifies() -> None:
    make_contact()
    seal_pending()
    outcomes: list[Verification | None] = []

    def work() -> None:
        try:
            outcomes.append(verify_when_due())
        finally:
            connection.close()

    workers = [Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert LedgerCheck.objects.count() == 1
    assert outcomes.count(None) == 1
