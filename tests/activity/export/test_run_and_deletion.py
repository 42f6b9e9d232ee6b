"""A contact that is deleted is in no export, whenever that happens."""

from threading import Event, Thread
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import connection, connections, transaction

from activity.context import acting
from activity.tasks import run_export
from contacts.models import Contact
from tests.activity.export.runs import Watched, asked, is_complete, written
from tests.activity.happenings import happen
from tests.builders import make_contact

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("small_parts")]


def test_a_contact_deleted_while_it_is_written_is_not_in_it(watch: Any) -> None:
    export = asked()
    amara = make_contact(given_name="Amara", notes="Allergic to lilies")
    happen(make_contact(given_name="Ben"), times=600)

    def delete(storage: Watched) -> None:
        if storage.written == 4:  # the head and three parts, Amara in the third
            with transaction.atomic(), acting():
                Contact.objects.locked(amara.pk).delete()

    watch(delete)
    run_export(str(export.pk))
    assert is_complete(export)
    hers = [event for event in written(export) if event["contact"] == str(amara.pk)]
    assert hers[0]["payload"] is None
    assert b"lilies" not in b"".join(export.parts.chunks())


def test_one_that_begins_while_a_contact_is_deleted_waits_until_that_is_done() -> None:
    amara = make_contact(given_name="Amara", notes="Allergic to lilies")
    export = asked()
    deleted, may_commit = Event(), Event()

    def delete() -> None:
        with transaction.atomic(), acting():
            Contact.objects.locked(amara.pk).delete()
            deleted.set()
            assert may_commit.wait(timeout=30)
        connections.close_all()

    def work() -> None:
        run_export(str(export.pk))
        connections.close_all()

    threads = [Thread(target=delete), Thread(target=work)]
    threads[0].start()
    assert deleted.wait(timeout=30)
    threads[1].start()
    wait_for_lock()
    may_commit.set()
    for thread in threads:
        thread.join()
    assert is_complete(export)
    assert b"lilies" not in b"".join(export.parts.chunks())


def wait_for_lock() -> None:
    """Return once somebody waits for an advisory lock."""
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with connection.cursor() as cursor:
        for _attempt in range(3_000):
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("Nobody waits.")


def test_a_deleted_contact_s_file_is_off_the_disk() -> None:
    export = asked()
    run_export(str(export.pk))
    assert storages["exports"].exists(str(export.pk))
    with transaction.atomic(), acting():
        Contact.objects.locked(Contact.objects.get().pk).delete()
    assert not storages["exports"].exists(str(export.pk))
    export.refresh_from_db()
    assert (export.state, export.is_there, len(export.sha256)) == ("finished", False, 64)
