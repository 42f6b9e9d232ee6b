"""`manage.py verify_ledger`, as a person or a script runs it."""

import json

from django.db import connection

from activity.ledger import anchors
from activity.models import LedgerCheck
from contacts.models import Contact
from tests.activity.ledger.tampering import forge, run
from tests.activity.ledger.verifying import CHANGE, event_at, verify


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


def test_of_many_findings_the_first_hundred_are_noted(amara: Contact) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE activity_event DISABLE TRIGGER annals_guard")
        cursor.execute("UPDATE activity_event SET salt = '\\x00'")
    assert verify().code == 1
    check = LedgerCheck.objects.get()
    assert len(check.findings) == 100
    assert check.total_findings == 401  # with the guard
