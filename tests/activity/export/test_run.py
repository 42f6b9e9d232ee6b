"""Writing a large export: no event lost or doubled, whatever happens to whoever writes it."""

import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from celery import current_app
from celery.contrib.testing.worker import start_worker
from django.core.files.storage import storages
from django.db import connection, transaction

from activity.export.parts import Parts
from activity.models import ActivityEvent, ActivityExport
from activity.tasks import run_export, sweep_exports
from contacts.models import Contact
from tests.activity.export.runs import PART, Watched, abandon, asked, is_complete
from tests.activity.happenings import happen
from tests.threads import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("small_parts")]


def test_a_killed_worker_loses_and_doubles_nothing() -> None:
    """The process dies after its second part is in the storage, and before its commit."""
    export = asked()
    program = f"""
import os, signal, sys
sys.path.insert(0, {str(Path.cwd())!r})
from django.conf import settings
settings.DATABASES["default"]["NAME"] = {connection.settings_dict["NAME"]!r}
import django
django.setup()
from activity.export import records
from activity.models import ActivityExport
from activity.tasks import run_export
records.BATCH = {PART}
advance = ActivityExport.advance
def die(self, *args):
    if self.cursor:
        os.kill(os.getpid(), signal.SIGKILL)
    return advance(self, *args)
ActivityExport.advance = die
run_export({str(export.pk)!r})
"""
    died = subprocess.run([sys.executable, "-c", program], env=os.environ, check=False)
    assert died.returncode == -signal.SIGKILL
    export.refresh_from_db()
    assert (export.state, export.done) == ("running", PART)
    happen(Contact.objects.get(), times=10)  # not of this export any more

    abandon(export)
    assert list(ActivityExport.objects.abandoned()) == [export]
    run_export(str(export.pk))
    assert is_complete(export)


def test_two_workers_at_one_export_write_it_once() -> None:
    export = asked()
    at_once(*[partial(run_export, str(export.pk))] * 2)
    assert is_complete(export)


def test_one_stopped_while_it_is_written_leaves_no_file(watch: Any) -> None:
    export = asked()

    def stop(storage: Watched) -> None:
        if storage.written == 3:  # the head, a part, and another one on its way
            ActivityExport.objects.get(pk=export.pk).cancel()

    watch(stop)
    run_export(str(export.pk))
    export.refresh_from_db()
    assert (export.state, export.done, export.file) == ("cancelled", PART, "")
    assert not ActivityEvent.objects.filter(verb="export.created").exists()
    assert not storages["exports"].exists(str(export.pk))


def test_a_full_disk_is_said_in_words(watch: Any, caplog: Any) -> None:
    def fail(storage: Watched) -> None:
        if storage.written == 2:
            raise OSError(28, "No space left on device")

    watch(fail)
    export = asked()
    run_export(str(export.pk))
    export.refresh_from_db()
    assert (export.state, export.file) == ("failed", "")
    assert "The file could not be written." in export.error
    assert not storages["exports"].exists(str(export.pk))
    assert "cannot be written" in caplog.text


def test_one_that_never_gets_on_is_given_up() -> None:
    export = asked(attempts=5)
    run_export(str(export.pk))
    export.refresh_from_db()
    assert export.state == "failed"
    assert export.error == "This stopped 5 times at the same place. Ask for it again."
    assert run_export(str(UUID(int=0))) is None  # one that is gone is no error


def test_the_size_is_that_of_all_parts_in_their_order() -> None:
    parts = Parts("order")
    for name, data in (("tail", b"4"), (10, b"3"), (9, b"x"), ("head", b"1"), (9, b"2")):
        parts.put(name, data)
    assert b"".join(parts.chunks()) == b"1234"
    assert parts.measure()[0] == 4
    parts.delete()
    parts.delete()
    assert not list(parts.chunks())


def test_a_worker_picks_up_what_was_asked_for_and_what_was_abandoned() -> None:
    fresh = asked()
    lost = ActivityExport.objects.create(made_by=fresh.made_by, format="csv")
    abandon(lost)
    over = Barrier(2)
    finish = ActivityExport.finish
    ended = []

    def note(self: ActivityExport, **result: Any) -> bool:
        ended.append(self.pk)
        if len(ended) == 2:
            transaction.on_commit(over.wait)
        return finish(self, **result)

    ActivityExport.finish = note
    try:
        with start_worker(current_app, perform_ping_check=False, pool="solo", loglevel="ERROR"):
            fresh.nudge()
            sweep_exports()
            over.wait(timeout=60)
    finally:
        ActivityExport.finish = finish
    assert is_complete(fresh)
    lost.refresh_from_db()
    assert lost.state == "finished"
    event = ActivityEvent.objects.get(object_id=fresh.pk)
    assert (event.actor_id, event.channel) == (fresh.made_by_id, "task")
