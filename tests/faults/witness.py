"""What really changed, seen from outside: by plain triggers that know nothing of Annals' events.

They note each row that was written to the watched tables, with its transaction. What is rolled
back takes its notes with it. Afterwards `problems` compares the notes with events, histories and
rows: whatever differs between them is a sentence.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection

from contacts.models import Tracked

# What the database computes, and what is nobody's business.
NOT_CONTENT = {"search", "sort_name", "last_activity_at", "last_login", "last_used_at"} | {
    "time_zone", "language", "theme", "date_joined",
}  # fmt: skip
USERS = ("accounts_user", "accounts_user_groups", "accounts_user_user_permissions")
MARK = r"m[0-9]+n[0-9]+z"  # see Scene.mark
PASSKEYS = "mfa_authenticator"

INSTALL = """
CREATE TABLE IF NOT EXISTS chaos_note (
    id bigint GENERATED ALWAYS AS IDENTITY, xid bigint, source text, old jsonb, new jsonb
);
CREATE OR REPLACE FUNCTION chaos_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO chaos_note (xid, source, old, new) VALUES (
        pg_current_xact_id()::text::bigint, TG_TABLE_NAME, to_jsonb(OLD), to_jsonb(NEW));
    RETURN NULL;
END $$;
"""


class Note:
    """One row as a transaction found and left it; `before` or `after` is None for none."""

    def __init__(self, xid: int, source: str, old: Any, new: Any) -> None:
        self.xid, self.source = xid, source
        self.before, self.after = _content(old), _content(new)

    @property
    def row(self) -> str:
        """Return the id of the row, or of the user it is about."""
        one = self.after or self.before
        return one["user_id"] if self.source in (*USERS[1:], PASSKEYS) else one["id"]


def tables() -> list[str]:
    """Return the tables that are watched."""
    return [model._meta.db_table for model in Tracked.__subclasses__()] + [*USERS, PASSKEYS]


def install() -> None:
    """Begin to watch."""
    with connection.cursor() as cursor:
        cursor.execute(INSTALL)
        for table in tables():
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER chaos_note AFTER INSERT OR UPDATE OR DELETE ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION chaos_note();"
                f" ALTER TABLE {table} ENABLE ALWAYS TRIGGER chaos_note"
            )


def remove() -> None:
    """Watch no longer, and forget what was seen."""
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f"DROP TRIGGER IF EXISTS chaos_note ON {table}")
        cursor.execute("DROP FUNCTION IF EXISTS chaos_note; DROP TABLE IF EXISTS chaos_note")


def notes() -> list[Note]:
    """Return what changed, oldest first, without what only touched no content."""
    rows = _rows("SELECT xid, source, old, new FROM chaos_note ORDER BY id")
    return [note for row in rows if (note := Note(*row)).before != note.after]


def problems() -> Iterator[str]:
    """Yield what differs between what changed since `install` and what was recorded."""
    seen, events = notes(), _events()
    yield from _unlogged(seen, events)
    yield from _made_up(seen, events)
    for model in Tracked.__subclasses__():
        yield from _history(model, seen)
    yield from _users()


def leftovers(marks: Iterable[str]) -> Iterator[str]:
    """Yield where any of these texts, of changes that were rolled back, still stands."""
    sources = [*tables(), "activity_event", "activity_origin"]
    sources += [model.history.model._meta.db_table for model in Tracked.__subclasses__()]
    for source in sources:
        found = _rows(
            "SELECT DISTINCT (regexp_matches(to_jsonb(one)::text, %s, 'g'))[1]"
            f" FROM {source} AS one",
            [MARK],
        )
        for mark in sorted({mark for (mark,) in found}.intersection(marks)):
            yield f"{source} holds {mark}, which was rolled back"


def missing(marks: dict[str, Any]) -> Iterator[str]:
    """Yield the marks of changes that were made, {mark: whose}, but that no event tells of.

    Of whom was deleted since, nothing can be told any more.
    """
    found = _rows(
        "SELECT mark, whose FROM unnest(%s::text[], %s::uuid[]) AS made (mark, whose)"
        " WHERE NOT EXISTS (SELECT FROM activity_event WHERE verb = 'contact.deleted'"
        " AND object_id = whose) AND NOT EXISTS (SELECT FROM activity_event"
        " WHERE whose IN (contact_id, object_id) AND strpos(payload::text, mark) > 0)",
        [list(marks), list(map(str, marks.values()))],
    )
    yield from (f"no event of {whose} tells of {mark}" for mark, whose in found)


def _unlogged(seen: list[Note], events: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the changes that no event of their transaction is about."""
    recorded = {(event["xid"], event["object_id"]) for event in events}
    deleted = {(e["xid"], e["object_id"]) for e in events if e["verb"] == "contact.deleted"}
    for note in seen:
        gone = note.before if note.after is None and "version" in note.before else None
        if gone:
            known = (note.xid, gone.get("contact_id", gone["id"])) in deleted
        else:
            known = (note.xid, note.row) in recorded
        if not known:
            yield f"{note.source} {note.row} changed in transaction {note.xid} without an event"


def _made_up(seen: list[Note], events: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the events that say of a change which nobody saw."""
    changed = {(note.xid, note.row) for note in seen}
    for event in events:
        payload = json.loads(event["payload"] or "{}")
        noun = event["verb"].partition(".")[0]
        changes = payload.get("changes") or isinstance(payload.get("state"), dict)
        if (not changes and "passkey" not in payload) or noun == "settings":
            continue  # says of no row of these tables that it changed
        if (event["xid"], event["object_id"]) not in changed:
            yield f"event {event['id']}, {event['verb']}, is about a change that nobody saw"


def _history(model: type[Tracked], seen: list[Note]) -> Iterator[str]:
    """Yield the rows whose versions are not, one by one, what they went through."""
    table, history = model._meta.db_table, model.history.model._meta.db_table
    columns = {field.column for field in model.history.model.tracked_fields}
    went: dict[str, list[Any]] = defaultdict(list)
    gone = set()
    for note in seen:
        if note.source == table and note.after is None:
            gone.add(note.row)
        elif note.source == table:
            went[note.row].append({k: v for k, v in note.after.items() if k in columns})
    kept: dict[str, list[Any]] = defaultdict(list)
    for row, version in _rows(f"SELECT id::text, to_jsonb(h) FROM {history} h ORDER BY version"):
        kept[row].append({k: v for k, v in json.loads(version).items() if k in columns})
    now = dict(_rows(f"SELECT id::text, to_jsonb(t) FROM {table} t"))
    for row in went.keys() | kept.keys():
        if row in gone:
            if kept[row] or row in now:
                yield f"{table} {row} was deleted, and is still here"
        elif went[row] != kept[row]:
            yield f"{table} {row} went through {len(went[row])} states, recorded: {len(kept[row])}"
        elif {k: v for k, v in json.loads(now[row]).items() if k in columns} != kept[row][-1]:
            yield f"{table} {row} is not what its newest version says"


def _users() -> Iterator[str]:
    """Yield the users who are not what the newest event of a change says of them."""
    rows = _rows(
        "SELECT u.id, annals_user_state(u.id), (SELECT payload->'state' FROM activity_event"
        " WHERE object_id = u.id AND payload ? 'state' ORDER BY id DESC LIMIT 1)"
        " FROM accounts_user u"
    )
    yield from (f"user {pk} is {now}, recorded: {said}" for pk, now, said in rows if now != said)


def _events() -> list[dict[str, Any]]:
    names = ("id", "xid", "verb", "object_id", "payload")
    rows = _rows("SELECT id, xid, verb, object_id::text, payload FROM activity_event")
    return [dict(zip(names, row, strict=True)) for row in rows]


def _content(row: str | None) -> dict[str, Any] | None:
    return row and {k: v for k, v in json.loads(row).items() if k not in NOT_CONTENT}


def _rows(sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
