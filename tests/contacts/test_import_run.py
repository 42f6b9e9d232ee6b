"""Runs of an import: what gets in, what doesn't, and what survives when a worker dies."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from celery import current_app
from celery.contrib.testing.worker import start_worker
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, connections, transaction
from django.utils import timezone
from kombu import pools

from activity.models import ActivityEvent
from contacts.models import Contact, ImportRun, Tag, changed, importing
from contacts.tasks import run_import, sweep_imports
from tests.builders import make_contact, make_user

LEGISLATORS = Path(__file__).parent.parent / "data" / "legislators.csv"


def receive(text: str | bytes, name: str = "fair.csv", **fields: Any) -> ImportRun:
    content = text if isinstance(text, bytes) else text.encode()
    return ImportRun.receive(ContentFile(content, name=name), fields.pop("by", None), **fields)


def people(count: int) -> str:
    return "Name,Email\n" + "".join(f"Person {n},p{n}@b.example\n" for n in range(count))


def started(text: str | bytes, **fields: Any) -> ImportRun:
    run = receive(text, **fields)
    assert run.start(run.targets, by_worker=False)
    return run


def finished(text: str | bytes, **fields: Any) -> ImportRun:
    run = started(text, **fields)
    run.run()
    return run


def failures(run: ImportRun) -> list[tuple[int, str, str]]:
    return list(run.failures.values_list("line", "value", "reason"))


def imported_events() -> int:
    return ActivityEvent.objects.filter(verb="contact.imported").count()


@pytest.mark.django_db
class TestRun:
    def test_all_537_legislators_get_in_with_an_event_each(self) -> None:
        run = finished(LEGISLATORS.read_bytes(), name="legislators.csv")
        assert (run.state, run.created, run.skipped, run.failed) == ("finished", 537, 0, 0)
        assert Contact.objects.count() == imported_events() == 537
        cantwell = Contact.objects.get(family_name="Cantwell")
        assert (cantwell.name, cantwell.phone) == ("Maria Cantwell", "+1 202-224-3441")
        assert cantwell.street == "511 Hart Senate Office Building Washington DC 20510"
        assert cantwell.region == "WA"
        assert cantwell.website == "https://www.cantwell.senate.gov"
        assert cantwell.tags == ["sen", "Democrat"]
        accented = {"Luján", "Sánchez", "Velázquez", "Barragán", "García"}
        assert set(Contact.objects.values_list("family_name", flat=True)) >= accented
        assert Contact.objects.get(given_name="André").family_name == "Carson"
        event = ActivityEvent.objects.get(contact_id=cantwell.pk)
        assert (event.payload["file"], event.payload["line"]) == ("legislators.csv", 2)

    def test_a_bad_row_fails_alone(self) -> None:
        run = finished(
            "Name,Email,Phone\nAnn,a@b.example,\nBob,b@,\nCy,,+44 79 46\nDi,d@b.example,\n"
        )
        assert (run.created, run.skipped, run.failed) == (2, 0, 2)
        assert failures(run) == [
            (3, "b@", "The email has no domain."),
            (4, "+44 79 46", "The phone number is too short."),
        ]
        assert run.failures.first().cells == ["Bob", "b@", ""]

    def test_a_value_too_long_names_its_field(self) -> None:
        run = finished(f"Company,City\n{'x' * 201},\nCo,{'y' * 121}\n")
        assert [reason.partition(":")[0] for *_row, reason in failures(run)] == ["Company", "City"]

    def test_somebody_who_is_here_already_is_skipped_by_name(self) -> None:
        make_contact(given_name="Amara", family_name="Okonkwo", emails=["amara@c.example"])
        run = finished(
            "Name,Email\nA. Okonkwo,AMARA@c.example\nNew,n@c.example;o@c.example\nN2,o@c.example\n"
        )
        assert (run.created, run.skipped, run.failed) == (1, 2, 0)
        assert failures(run) == [
            (2, "amara@c.example", "Already here: Amara Okonkwo"),
            (4, "o@c.example", "About the same as line 3"),
        ]
        assert imported_events() == 1

    def test_a_row_that_only_the_database_refuses_fails_alone(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE contacts_contact ADD CHECK (family_name <> 'Bob')")
        run = finished("Name,City\nAnn,\nBob,\nCy,\n")
        assert (run.created, run.failed) == (2, 1)
        assert failures(run) == [(3, "Bob", "The database refused this row.")]
        assert Contact.objects.count() == imported_events() == 2

    def test_tags_join_the_vocabulary_as_they_were_first_spelled(self) -> None:
        Tag.objects.create(name="VIP")
        finished("Name,Tags\nAnn,vip; New\n")
        assert Contact.objects.get().tags == ["VIP", "New"]
        assert set(Tag.objects.values_list("name", flat=True)) == {"VIP", "New"}

    def test_reasons_are_in_the_language_of_who_started_it(self) -> None:
        max_ = make_user(name="Max", language="de")
        run = started("Name,Email\nAnn,a@\n", by=max_)
        seen = []
        importing.import_finished.connect(
            lambda **_: seen.append(importing.translation.get_language()),
            weak=False,
            dispatch_uid="t",
        )
        try:
            run.run()
        finally:
            importing.import_finished.disconnect(dispatch_uid="t")
        assert seen == ["de"]

    def test_the_end_is_noted_once_in_the_log(self) -> None:
        run = finished("Name,Email\nAnn,a@b.example\nBob,b@\n")
        run.run()
        event = ActivityEvent.objects.get(verb="import.finished")
        assert (event.payload["created"], event.payload["failed"]) == (1, 1)

    def test_starting_twice_starts_once(self) -> None:
        run = started(people(1))
        assert not run.start(run.targets)

    def test_a_stopped_import_keeps_what_is_in_and_adds_no_more(self) -> None:
        run = started(people(3))
        assert run.stop()
        run.run()
        assert (run.state, Contact.objects.count(), run.stop()) == ("stopped", 0, False)

    def test_a_file_that_is_gone_ends_the_import_with_a_sentence(self) -> None:
        run = started(people(1))
        default_storage.delete(run.file.name)
        run.run()
        assert (run.state, run.problem) == (
            "failed",
            "The file is no longer there. Upload it again.",
        )

    def test_a_file_damaged_after_its_upload_ends_the_import_with_a_sentence(self) -> None:
        run = started(people(1))
        Path(run.file.path).write_bytes(b"Name,Email\nAnn\0,a@b.example\n")
        run.run()
        assert run.state == "failed"
        assert "not a text file" in run.problem

    def test_an_import_that_gets_nowhere_is_given_up(self) -> None:
        run = started(people(1))
        ImportRun.objects.update(attempts=importing.MOST_ATTEMPTS)
        run.run()
        assert run.state == "failed"
        assert "5 times" in run.problem

    def test_the_same_form_sent_twice_makes_one_import(self) -> None:
        first = receive(people(1))
        assert receive(people(1), pk=first.pk) == first
        assert receive(people(2), pk=first.pk) != first
        assert ImportRun.objects.count() == 2

    def test_an_earlier_import_of_the_same_file_is_found(self) -> None:
        first = finished("Company,City\nCo,\n")
        assert receive("Company,City\nCo,\n").earlier == first
        assert receive(people(1)).earlier is None

    def test_the_time_left_follows_the_speed_so_far(self) -> None:
        now = timezone.now()
        run = ImportRun(total=100, started_at=now - timedelta(seconds=30), touched_at=now)
        assert (run.seconds_left, run.quarter) == (None, 0)
        run.done = 75
        assert (run.seconds_left, run.quarter, run.left) == (10, 75, 25)
        assert ImportRun().quarter == 0


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
        program = f"""
import os, signal, sys
sys.path.insert(0, {str(Path.cwd())!r})
from django.conf import settings
settings.DATABASES["default"]["NAME"] = {connection.settings_dict["NAME"]!r}
import django
django.setup()
from contacts.models import ImportRun, changed
seen = []
def die(sender, changes, **kwargs):
    seen.extend(changes)
    if len(seen) > 500:
        os.kill(os.getpid(), signal.SIGKILL)
changed.connect(die)
ImportRun.objects.get(pk={str(run.pk)!r}).run()
"""
        died = subprocess.run([sys.executable, "-c", program], env=os.environ, check=False)
        assert died.returncode == -signal.SIGKILL
        run.refresh_from_db()
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
        together = Barrier(2)

        def work() -> None:
            together.wait()
            run_import(str(run.pk))
            connections.close_all()

        workers = [Thread(target=work) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        run.refresh_from_db()
        assert (run.state, run.done, run.created) == ("finished", 1_200, 1_200)
        assert Contact.objects.count() == imported_events() == 1_200

    def test_two_imports_of_one_file_at_once_add_everybody_once(self) -> None:
        runs = [started(people(1_200)) for _ in range(2)]
        together = Barrier(2)

        def work(run: ImportRun) -> None:
            together.wait()
            run_import(str(run.pk))
            connections.close_all()

        workers = [Thread(target=work, args=[run]) for run in runs]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
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
