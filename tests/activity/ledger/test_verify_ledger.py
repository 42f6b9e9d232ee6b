"""`manage.py verify_ledger`, as a person or a script runs it."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from activity.ledger import anchors
from activity.ledger.sealing import seal_pending
from activity.ledger.verification.nightly import verify_when_due
from activity.ledger.verification.run import Verification
from activity.models import ActivityEvent, Anchor, Checkpoint, Leaf, LedgerCheck
from activity.tasks import verify_ledger
from contacts.models import Contact
from tests.activity.happenings import happen
from tests.activity.ledger.backups import go_back
from tests.activity.ledger.tampering import forge, run
from tests.builders import make_contact

CHANGE = "UPDATE activity_event SET verb = 'contact.archived' WHERE id = %s"


class Outcome(NamedTuple):
    """What a run of the command printed, and its exit code."""

    code: int
    output: str
    errors: str


def verify(*arguments: Any) -> Outcome:
    output, errors = StringIO(), StringIO()
    try:
        call_command("verify_ledger", *map(str, arguments), stdout=output, stderr=errors)
    except SystemExit as end:
        return Outcome(end.code, output.getvalue(), errors.getvalue())
    except CommandError as problem:
        return Outcome(problem.returncode, output.getvalue(), str(problem))
    return Outcome(0, output.getvalue(), errors.getvalue())


@pytest.fixture
def amara(db: None) -> Contact:
    """Return a contact with 400 events, sealed in four batches."""
    amara = make_contact()
    for size in range(100, 401, 100):
        happen(amara, times=size - ActivityEvent.objects.count())
        seal_pending()
    return amara


@pytest.fixture
def kept(amara: Contact, tmp_path: Path) -> Callable[[int], Path]:
    """Return a function that writes the checkpoint of a size into a file, as a mail brings it."""

    def write(size: int) -> Path:
        path = tmp_path / f"checkpoint-{size}.txt"
        path.write_text(Checkpoint.objects.get(size=size).note)
        return path

    return write


def event_at(index: int) -> int:
    return Leaf.objects.get(index=index).event_id


def test_a_log_that_holds_ends_with_0_and_says_how_far(amara: Contact) -> None:
    outcome = verify()
    assert outcome.code == 0
    assert outcome.output == "All holds, up to 400 events sealed.\n"
    assert "400 of 400 events" in outcome.errors


def test_an_empty_log_holds(db: None) -> None:
    assert verify()[:2] == (0, "All holds, up to 0 events sealed.\n")


def test_each_finding_is_a_line_and_the_end_is_1(amara: Contact) -> None:
    event = event_at(42)
    forge(CHANGE, event)
    outcome = verify()
    assert outcome.code == 1
    assert outcome.output.splitlines() == [
        f"event {event}: expected the event as it was sealed; it was changed",
        "1 finding.",
    ]


def test_as_json_it_is_one_object(amara: Contact) -> None:
    assert json.loads(verify("--json").output) == {
        "findings": [], "notices": [], "ok": True, "found": 0, "events": 400, "epoch": 1,
        "size": 400,
    }  # fmt: skip
    first, second = event_at(1), event_at(2)
    forge(CHANGE, first)
    forge(CHANGE, second)
    outcome = verify("--json")
    said = json.loads(outcome.output)
    assert outcome.code == 1
    assert not said["ok"]
    assert said["findings"] == [
        {"kind": "event", "event": event, "expected": "the event as it was sealed; it was changed"}
        for event in (first, second)
    ]


def test_what_an_auditor_should_know_goes_beside_the_findings(amara: Contact) -> None:
    anchors.storages["anchors"].delete(anchors.LATEST)
    outcome = verify()
    assert outcome.code == 0
    assert "Note: no checkpoint is known outside" in outcome.errors
    [told] = json.loads(verify("--json").output)["notices"]
    assert told["kind"] == "anchor"


def test_with_since_only_what_came_after_is_looked_at_event_by_event(
    amara: Contact, kept: Callable[[int], Path]
) -> None:
    forge(CHANGE, event_at(42))
    assert verify("--since", kept(300)).code == 0
    assert "100 of 100 events" in verify("--since", kept(300)).errors
    late = event_at(350)
    forge(CHANGE, late)
    outcome = verify("--since", kept(300))
    assert outcome.code == 1
    assert f"event {late}: " in outcome.output


def test_with_since_the_log_must_continue_that_checkpoint(
    amara: Contact, kept: Callable[[int], Path]
) -> None:
    since, later = kept(200), kept(400)
    since.write_text(since.read_text().replace("\n200\n", "\n201\n"))
    assert "anchor: expected " in verify("--since", since).output
    go_back(300)
    outcome = verify("--since", later)
    assert outcome.code == 1
    assert "400 leaves of log 1" in outcome.output


@pytest.mark.parametrize("sizes", [(100, 300), (200, 300), (100, 400), (300, 300)])
def test_with_since_older_anchors_are_held_against_it(
    amara: Contact, kept: Callable[[int], Path], sizes: tuple[int, int]
) -> None:
    old, since = sizes
    root = bytes(Checkpoint.objects.get(size=old).root)
    Anchor.objects.create(epoch=1, size=old, root=root, place=Anchor.Place.MAIL)
    assert verify("--since", kept(since)).code == 0
    Anchor.objects.create(epoch=1, size=old, root=bytes(32), place=Anchor.Place.MAIL)
    outcome = verify("--since", kept(since))
    assert outcome.code == 1
    assert outcome.output.startswith("anchor")


def test_with_since_missing_leaves_before_it_are_noticed(
    amara: Contact, kept: Callable[[int], Path]
) -> None:
    since, root = kept(300), bytes(Checkpoint.objects.get(size=200).root)
    Anchor.objects.create(epoch=1, size=200, root=root, place=Anchor.Place.MAIL)
    forge("DELETE FROM activity_node")
    forge("DELETE FROM activity_leaf WHERE index = 210")
    output = verify("--since", since).output
    assert "tree: expected the hashes over 256 leaves" in output
    assert "with 300 leaves, to continue row" in output


def test_anchors_can_be_given_more_than_once(amara: Contact, kept: Callable[[int], Path]) -> None:
    early, late = kept(100), kept(400)
    assert verify("--anchor", early, "--anchor", late).code == 0
    anchors.storages["anchors"].delete(anchors.LATEST)
    go_back(300)
    assert verify("--anchor", early).code == 0
    assert verify("--anchor", early, "--anchor", late).code == 1


@pytest.mark.parametrize("option", ["--since", "--anchor"])
def test_a_file_that_is_no_checkpoint_ends_with_2(
    amara: Contact, tmp_path: Path, option: str
) -> None:
    path = tmp_path / "note.txt"
    assert verify(option, path).code == 2
    path.write_bytes(b"\xff")
    assert verify(option, path).code == 2
    path.write_text("Dear auditor,\n")
    outcome = verify(option, path)
    assert outcome.code == 2
    assert "holds no checkpoint" in outcome.errors


def test_a_database_that_lacks_its_tables_ends_with_2(amara: Contact) -> None:
    run("ALTER TABLE activity_leaf RENAME TO elsewhere")
    assert verify().code == 2


def test_the_outcome_is_noted_for_the_logs_page(amara: Contact) -> None:
    event = event_at(42)
    verify()
    forge(CHANGE, event)
    verify()
    good, bad = LedgerCheck.objects.order_by("id")
    assert (good.ok, good.size, good.epoch, good.findings) == (True, 400, 1, [])
    assert (bad.ok, bad.total_findings) == (False, 1)
    assert bad.findings[0]["event"] == event


def test_where_it_cannot_be_noted_the_outcome_is_told_all_the_same(amara: Contact) -> None:
    run("ALTER TABLE activity_check RENAME TO elsewhere")
    outcome = verify()
    assert outcome.code == 0
    assert "The outcome could not be noted" in outcome.errors


def test_a_look_at_the_newest_events_alone_is_noted_only_where_it_found_something(
    amara: Contact, kept: Callable[[int], Path]
) -> None:
    verify("--since", kept(300))
    assert not LedgerCheck.objects.exists()
    forge(CHANGE, event_at(350))
    verify("--since", kept(300))
    assert not LedgerCheck.objects.get().ok


def test_of_many_findings_the_first_hundred_are_noted(amara: Contact) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE activity_event DISABLE TRIGGER annals_guard")
        cursor.execute("UPDATE activity_event SET salt = '\\x00'")
    assert verify().code == 1
    check = LedgerCheck.objects.get()
    assert len(check.findings) == 100
    assert check.total_findings == 401  # with the guard


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
