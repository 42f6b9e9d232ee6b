"""What happens to one contact and to what belongs to it, step after step.

Steps go through what a request goes through: the same changes of the same rows, the same events,
the same versions. They are only not written yet: each row waits for how it is left, so that it
takes one statement and not one for each of its changes.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any, cast
from uuid import UUID

from django.db.models import Model

from activity.context import Context
from activity.demo.lines import Written, history
from activity.demo.spool import Spool
from activity.receivers import draft
from activity.recording import Draft
from contacts.models import Change, Contact, Tracked

SETTLED = timedelta(days=30)  # after which nothing changes any more but the contact itself


@dataclass(frozen=True)
class Step:
    """Something that somebody does; `events` is how many it makes."""

    context: Context
    do: Callable[["Life"], None]
    events: int = 1

    @property
    def at(self) -> datetime:
        """Return when it happens."""
        return self.context.started_at


class Life:
    """A contact's rows as they are at a moment, and where they go once they are settled.

    `number` sorts what happens to several contacts at the same time.
    """

    context: Context

    def __init__(self, number: int, spool: Spool) -> None:
        self._spool, self._number, self._order = spool, number, count()
        self._changed: dict[UUID, datetime] = {}
        self._beside: dict[UUID, list[Model]] = defaultdict(list)
        self.rows: dict[UUID, Any] = {}
        self._written: dict[UUID, Written] = {}
        self.tags: set[str] = set()

    def live(self, steps: Iterable[Step]) -> None:
        """Take one step after the other, in order, to the end."""
        for step in steps:
            self.context = step.context
            while self._changed and self._oldest()[1] < step.at - SETTLED:
                self._settle(self._oldest()[0])
            step.do(self)
        for pk in list(self._changed):
            self._settle(pk)
        for contact in self.rows.values():
            contact.last_activity_at = self.context.started_at
            written = self._written.pop(contact.pk)
            written.take(["last_activity_at"])
            self._add(written.row(), type(contact), contact.created_at)

    def put(
        self, row: Any, verb: str, details: dict[str, Any] | None = None, by: Any = None
    ) -> None:
        """Take a row that is new, or that a step has changed; `by` a contact, if it was one."""
        before, at = row.loaded, self.context.started_at
        row.version += bool(before)
        row.remember()
        pk, model = row.id, cast(type[Tracked], type(row))
        self.rows[pk] = row
        self.tags.update(getattr(row, "tags", ()))
        if not isinstance(row, Contact):
            self._changed.pop(pk, None)
            self._changed[pk] = at
        change = Change(row, verb, before, row.loaded, details or {}, by)
        self.note(draft(change, self.context))
        if before:
            self._written[pk].take((*change.differences, *row.untracked))
        else:
            self._written[pk] = Written(row)
        line = self._written[pk].version(self.context, verb, is_new=not before)
        # A contact comes with all its versions: others refer to it from the first day on.
        self._add(line, history(model), row.created_at if isinstance(row, Contact) else at)

    def note(self, event: Draft) -> None:
        """Take an event."""
        self._spool.note(event, self._number, next(self._order))

    def keep(self, row: Model, *, beside: Model | None = None) -> None:
        """Take a row that no event is about; it comes together with the one that it refers to."""
        if beside:
            self._beside[beside.pk].append(row)
        else:
            self._spool.keep(row, self.context.started_at)

    def _oldest(self) -> tuple[UUID, datetime]:
        return next(iter(self._changed.items()))

    def _settle(self, pk: UUID) -> None:
        row, at = self.rows.pop(pk), self._changed.pop(pk)
        self._add(self._written.pop(pk).row(), type(row), at)
        for other in self._beside.pop(pk, ()):
            self._spool.keep(other, at)

    def _add(self, line: bytes, model: type[Model], at: datetime) -> None:
        self._spool.add(line, model, at, self._number, next(self._order))
