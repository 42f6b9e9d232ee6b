"""Some thousand steps of the demo at a time, each kind of row in as few statements as can be.

Steps go through what a request goes through: the same events, the same versions, and the same
checks of the database when the transaction commits.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from activity.context import Context
from activity.receivers import draft
from activity.recording import Draft, keep_versions, write
from contacts.models import Change, Comment, Contact, Invitation, Message, Share, Tag, Tracked

_TOUCH = """
UPDATE contacts_contact SET last_activity_at = at
FROM unnest(%s::uuid[], %s::timestamptz[]) AS latest (contact, at)
WHERE id = contact AND last_activity_at < at
"""


@dataclass(frozen=True)
class Step:
    """Something that somebody does.

    `needs` names the row that has to be there for it, `events` is how many it makes.
    """

    context: Context
    do: Callable[["Batch"], None]
    needs: tuple[type[Tracked], UUID] | None = None
    events: int = 1

    @property
    def at(self) -> datetime:
        """Return when it happens."""
        return self.context.started_at


class Version(NamedTuple):
    """A row as one step left it."""

    row: Tracked
    columns: dict[str, Any]
    is_new: bool
    verb: str
    context: Context


class Batch:
    """Steps in the order in which they happened, and what they leave in the database."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = steps
        self._drafts: list[Draft] = []
        # The first change of each row stands in the first round, its second one in the second.
        self._rounds: dict[type[Tracked], list[list[Version]]] = defaultdict(list)
        self._changes: dict[UUID, int] = defaultdict(int)
        self._latest: dict[UUID, datetime] = {}
        self.rows: dict[UUID, Any] = {}

    @transaction.atomic
    def write(self) -> int:
        """Write it all in one transaction and return how many events that made."""
        self._load()
        for step in self._steps:
            self.context = step.context
            step.do(self)
        Tag.remember({tag for row in self.rows.values() for tag in getattr(row, "tags", ())})
        for model in (Contact, Comment, Message, Invitation, Share):
            for versions in self._rounds[model]:
                self._save(model, versions)
        with connection.cursor() as cursor:
            cursor.execute(_TOUCH, [list(self._latest), list(self._latest.values())])
        return len(write(self._drafts))

    def put(
        self, row: Tracked, verb: str, details: dict[str, Any] | None = None, by: Any = None
    ) -> None:
        """Take a row that is new, or that a step has changed; `by` a contact, if it was one."""
        before = row.loaded
        row.version += bool(before)
        row.remember()
        self.rows[row.pk] = row
        change = Change(row, verb, before, row.loaded, details or {}, by)
        self.note(draft(change, self.context))
        columns = {"id": row.pk, "version": row.version, "created_at": row.created_at, **row.loaded}
        rounds, number = self._rounds[type(row)], self._changes[row.pk]
        self._changes[row.pk] += 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(Version(row, columns, not before, verb, self.context))

    def note(self, event: Draft) -> None:
        """Take an event."""
        self._drafts.append(event)
        if event.contact_id:
            self._latest[event.contact_id] = self.context.started_at

    def _load(self) -> None:
        needed: dict[type[Tracked], set[UUID]] = defaultdict(set)
        for step in self._steps:
            if step.needs:
                needed[step.needs[0]].add(step.needs[1])
        for model, keys in needed.items():
            generated = [field.name for field in model._meta.fields if field.generated]
            self.rows |= {
                row.pk: row for row in model.objects.defer(*generated).filter(pk__in=keys)
            }

    def _save(self, model: type[Tracked], versions: list[Version]) -> None:
        # The events find their contact as active as they will make it, and leave it alone.
        for version in versions:
            version.columns["last_activity_at"] = self._latest[version.row.contact_key]
        fresh = [version.columns for version in versions if version.is_new]
        changed = [version.columns for version in versions if not version.is_new]
        table = model._meta.db_table
        columns = [field.column for field in model._meta.concrete_fields if not field.generated]
        names = ", ".join(columns)
        values = ", ".join(f"changed.{name}" for name in columns if name not in ("id", "version"))
        written = ", ".join(name for name in columns if name not in ("id", "version"))
        with connection.cursor() as cursor:
            if fresh:
                cursor.execute(
                    f"INSERT INTO {table} ({names}) SELECT {names}"  # noqa: S608 - our own names
                    f" FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)",
                    [_json(fresh)],
                )
            if changed:
                cursor.execute(
                    f"UPDATE {table} SET ({written}) = ROW({values})"  # noqa: S608 - our own names
                    f" FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) AS changed"
                    f" WHERE {table}.id = changed.id",
                    [_json(changed)],
                )
        alike = sorted(versions, key=_kind)
        for (is_new, verb), group in groupby(alike, key=_kind):
            kept = list(group)
            keep_versions(
                model,
                [version.row.pk for version in kept],
                new=is_new,
                reason=verb,
                contexts=[version.context for version in kept],
            )


def _kind(version: Version) -> tuple[bool, str]:
    return version.is_new, version.verb


def _json(rows: Iterable[dict[str, Any]]) -> str:
    return json.dumps(list(rows), default=str)
