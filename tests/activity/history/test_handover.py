"""Handing a history over: a sheet and a file that can be matched."""

import hashlib
import re

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from activity.history import record
from activity.models import ActivityEvent, Checkpoint
from contacts.models import Contact
from tests.activity.happenings import happen
from tests.activity.history.handovers import (
    changed_contact,
    content,
    download,
    exports,
    make,
    page_address,
    rows,
    sheet,
    text,
)
from tests.builders import make_comment, make_user

pytestmark = pytest.mark.django_db


NOTE = "annals.example.com/ledger/1\n42\nAAAA=\n\n— annals.example.com/ledger/1 xyz\n"


@pytest.fixture
def amara() -> Contact:
    return changed_contact()


def test_the_sheet_holds_name_facts_and_every_entry_oldest_first(
    client: Client, max_: User, amara: Contact
) -> None:
    make_comment(amara, body="A comment in full")
    page = sheet(client, make(client, amara))
    told = text(page)
    assert "History of Amara" in told
    assert "Job title Chair Email a@calder.example City Lagos Archived" in told
    verbs = re.findall(r'data-verb="([\w.]+)"', page)
    assert verbs == ["contact.created", "contact.updated", "contact.archived", "comment.added"]
    assert "A comment in full" in told
    assert "Paused until the Q4 budget round." in told


def test_the_sheet_has_no_tools_but_a_head_for_each_page(
    client: Client, max_: User, amara: Contact
) -> None:
    page = sheet(client, make(client, amara))
    assert "<nav" not in page
    assert "<form" not in page
    assert "<button" not in page
    assert "<script" not in page
    head = re.search(r"<thead>.*?</thead>", page, re.S)
    assert head
    assert "Amara · printed by Max" in text(head[0])
    assert str(timezone.localdate().year) in head[0]


def test_file_and_sheet_are_matched_by_their_fingerprint(
    client: Client, max_: User, amara: Contact
) -> None:
    Checkpoint.objects.create(epoch=1, size=42, root=b"x", note=NOTE, sealed_at=timezone.now())
    page = sheet(client, make(client, amara))
    fingerprint = hashlib.sha256(content(client, page)).hexdigest()
    assert fingerprint in page
    assert fingerprint[:12] in download(client, page).headers["Content-Disposition"]
    assert "annals.example.com/ledger/1" in page
    [event] = exports(amara)
    assert event.payload["sha256"] == fingerprint
    assert event.payload["checkpoint"] == NOTE
    assert str(event.uid) in page


def test_before_the_first_seal_the_sheet_says_so(
    client: Client, max_: User, amara: Contact
) -> None:
    assert "The log was not sealed yet." in sheet(client, make(client, amara))


def test_the_file_has_a_row_for_each_changed_field(
    client: Client, max_: User, amara: Contact
) -> None:
    found = rows(client, sheet(client, make(client, amara)))
    changed = [row for row in found if row["verb"] == "contact.updated"]
    assert [(row["field"], row["before"], row["after"]) for row in changed] == [
        ("job_title", "Director", "Chair"),
        ("city", "", "Lagos"),
    ]
    assert {(row["actor"], row["version"], row["source"]) for row in changed} == {
        ("Mia", "2", "web")
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", changed[0]["occurred_at"])
    assert found[-1]["details"] == "Reason: Paused until the Q4 budget round."


def test_filters_of_the_page_are_those_of_sheet_and_file(
    client: Client, max_: User, amara: Contact
) -> None:
    page = sheet(client, make(client, amara, "kind=contact.archived&q=budget&from=&before=3"))
    assert re.findall(r'data-verb="([\w.]+)"', page) == ["contact.archived"]
    assert {row["verb"] for row in rows(client, page)} == {"contact.archived"}
    [event] = exports(amara)
    assert event.payload["query"] == "kind=contact.archived&q=budget"
    assert event.payload["events"] == 1


def test_a_day_is_that_of_who_asked_for_it(client: Client, amara: Contact) -> None:
    [event] = happen(amara)  # on 6 May at noon in Greenwich
    client.force_login(make_user(name="Max", time_zone="Pacific/Kiritimati"))
    page = sheet(client, make(client, amara, "from=2026-05-07&to=2026-05-07"))
    assert f'id="e-{event}"' in page
    client.force_login(make_user(name="Ada", time_zone="Pacific/Pago_Pago"))
    assert f'id="e-{event}"' in sheet(client, page_address(page))


def test_cells_that_a_spreadsheet_would_run_are_neutralised(
    client: Client, max_: User, amara: Contact
) -> None:
    amara.restore()
    for formula in ("=HYPERLINK(1)", "+1", "-1", "@SUM(A1)"):
        amara.city = formula
        amara.save()
    found = rows(client, sheet(client, make(client, amara)))
    cells = [value for row in found for value in row.values()]
    assert "'=HYPERLINK(1)" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_a_long_history_is_read_in_batches_and_complete(
    client: Client, max_: User, amara: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "BATCH", 3)
    happen(amara, times=10)
    page = sheet(client, make(client, amara))
    ids = [int(pk) for pk in re.findall(r'id="e-(\d+)"', page)]
    events = ActivityEvent.objects.of(amara.pk).exclude(verb="export.created")
    assert ids == sorted(event.id for event in events)
    assert [int(row["entry"]) for row in rows(client, page)][-10:] == ids[-10:]
