"""What became of everything that people were told, seen from outside."""

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from tests.faults.kills_browser import Journal
from tests.faults.outbox import SlowServer

# Tables of work that a worker does, with the states in which it still waits or is at it.
UNDONE = {
    "contacts_delivery": ("queued", "sending"),
    "contacts_importrun": ("queued", "running"),
    "contacts_bulkrun": ("queued", "running"),
    "activity_export": ("queued", "running"),
}


def rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def undone() -> dict[str, int]:
    """Return {table: how much of it waits}, without those that are done; events not sealed too."""
    found = {
        table: rows(f"SELECT count(*) FROM {table} WHERE state = ANY(%s)", list(states))[0][0]
        for table, states in UNDONE.items()
    }
    found["activity_pending"] = rows("SELECT count(*) FROM activity_pending")[0][0]
    return {table: count for table, count in found.items() if count}


@dataclass
class Account:
    """Figures to print, and what should not be, as sentences."""

    lines: list[str]
    problems: list[str]


def account(journals: list[Journal], server: SlowServer) -> Account:
    """Compare what people were told with rows, events, mails and the sealed log."""
    found = Account([], [wrong for journal in journals for wrong in journal.wrong])
    _told(journals, found)
    _changes(found)
    _mails(server, found)
    _work(found)
    _sealed(found)
    return found


def _told(journals: list[Journal], found: Account) -> None:
    from tests.faults import witness

    answers = sum((journal.answers for journal in journals), Counter())
    deeds = sum((journal.deeds for journal in journals), Counter())
    outages = [seconds for journal in journals for seconds in journal.outages]
    said = ", ".join(f"{count} × {status}" for status, count in sorted(answers.items()))
    resent = sum(journal.resent for journal in journals)
    found.lines.append(f"answers: {said}; sent again on a new connection: {resent}")
    found.lines.append(f"deeds: {', '.join(f'{name} {n}' for name, n in deeds.most_common())}")
    found.lines.append(f"requests repeated until answered: {spread(outages)}")
    marks = {mark: pk for journal in journals for mark, pk in journal.marks.items()}
    made = [row for journal in journals for row in journal.rows]
    found.lines.append(f"answered with success: {len(marks)} texts, {len(made)} rows")
    found.problems += witness.missing(marks)
    for table in sorted({table for table, _pk in made}):
        ids = [pk for each, pk in made if each == table]
        gone = rows(f"SELECT id FROM unnest(%s::uuid[]) AS id EXCEPT SELECT id FROM {table}", ids)
        found.problems += [f"{table} {pk} was saved, it was said, and is gone" for [pk] in gone]


def _changes(found: Account) -> None:
    from tests.faults import witness

    problems = list(witness.problems())
    events = rows("SELECT count(*) FROM activity_event")[0][0]
    found.lines.append(
        f"events: {events}; changes of rows: {len(witness.notes())}; not matching: {len(problems)}"
    )
    found.problems += problems


def _mails(server: SlowServer, found: Account) -> None:
    mails = rows("SELECT mail_id, state, extract(epoch FROM finished_at - due_at)"
                 " FROM contacts_delivery")  # fmt: skip
    states = Counter(state for _mail, state, _seconds in mails)
    twice = [mail for mail, times in server.taken.items() if times > 1]
    unknown = server.taken.keys() - {mail for mail, *_ in mails}
    for mail, state, _seconds in mails:
        if state == "sent" and mail not in server.taken:
            found.problems.append(f"{mail} is noted as sent and never arrived")
        if state in {"cancelled", "failed"} and mail in server.taken:
            found.problems.append(f"{mail} is noted as {state} and arrived")
    found.problems += [f"{mail} was sent {server.taken[mail]} times" for mail in twice]
    had = sum(state == "uncertain" and mail in server.taken for mail, state, _ in mails)
    late = [float(seconds) for _mail, state, seconds in mails if state == "sent"]
    found.lines += [
        f"mails: {dict(states)}; the server took {server.taken.total()}, twice {len(twice)},"
        f" of the uncertain {had}, unknown {len(unknown)}",
        f"mails left after they were due: {spread(late)}",
    ]


def _work(found: Account) -> None:
    for table, name in (
        ("contacts_importrun", "imports"),
        ("contacts_bulkrun", "bulk actions"),
        ("activity_export", "exports of the log"),
    ):
        began = "created_at" if table != "contacts_importrun" else "uploaded_at"
        done = rows(
            f"SELECT id, state, extract(epoch FROM finished_at - {began}) FROM {table}"
            " WHERE state <> 'draft'"
        )
        late = [float(seconds) for _pk, _state, seconds in done if seconds is not None]
        states = dict(Counter(state for _pk, state, _seconds in done))
        found.lines.append(f"{name}: {states}; from the first click: {spread(late)}")
        found.problems += [
            f"{name[:-1]} {pk} is {state}" for pk, state, _ in done
            if state != "finished"
        ]  # fmt: skip
    found.problems += [
        f"import {pk} has {done} of {total} rows"
        for pk, done, total in rows(
            "SELECT id, created + updated + skipped + failed, total FROM contacts_importrun"
            " WHERE state = 'finished' AND created + updated + skipped + failed <> total"
        )
    ]


def _sealed(found: Account) -> None:
    from django.core.management import CommandError, call_command

    from tests.faults import witness

    witness.remove()  # a trigger that is not Annals' own is a finding
    gaps = rows("SELECT extract(epoch FROM sealed_at - lag(sealed_at) OVER (ORDER BY sealed_at))"
                " FROM activity_checkpoint")  # fmt: skip
    late = [float(seconds) for [seconds] in gaps if seconds is not None]
    found.lines.append(f"between two checkpoints: {spread(late)}")
    with Path(os.devnull).open("w") as nowhere:
        try:
            call_command("verify_ledger", stdout=nowhere, stderr=nowhere)
            found.lines.append("verify_ledger: no findings")
        except (CommandError, SystemExit) as error:
            found.problems.append(f"verify_ledger: {error}")


def spread(seconds: list[float]) -> str:
    """Return how many there are, the middle one and the longest, in words."""
    if not seconds:
        return "none"
    return f"{len(seconds)}, p50 {median(seconds):.1f} s, longest {max(seconds):.1f} s"
