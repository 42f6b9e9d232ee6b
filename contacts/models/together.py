"""Saves of many rows that are written as one statement, with their events and versions in bulk."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import orjson
from django.db import connections

from contacts.models.changes import Change

if TYPE_CHECKING:
    from contacts.models.tracking import Tracked


class Gathered:
    """The changes of rows of one model, until they are written."""

    def __init__(self, model: "type[Tracked]") -> None:
        self.model = model
        self.changes: dict[Any, Change] = {}

    def make_room(self, row: "Tracked") -> None:
        """Write what was gathered if it holds an earlier change of this row."""
        if row.pk in self.changes:
            self.write()

    def add(self, change: Change) -> None:
        """Take the change of a row."""
        self.changes[change.row.pk] = change

    def write(self) -> None:
        """Write the rows and announce their changes. Raises StaleRow where one is not current."""
        changes, self.changes = list(self.changes.values()), {}
        written = {name for change in changes for name in change.differences}
        if written:
            self._update([change for change in changes if change.differences], written)
        self.model.announce(changes)

    def _update(self, changes: list[Change], written: set[str]) -> None:
        meta = self.model._meta
        kept = {"version", *self.model.touched}
        fields = [field for field in meta.concrete_fields if field.attname in written | kept]
        columns = [field.column for field in fields]
        table, key = meta.db_table, meta.pk.column
        values = [{key: change.row.pk} for change in changes]
        for value, change in zip(values, changes, strict=True):
            for field in fields:
                of = vars(change.row) if field.attname in kept else change.after
                value[field.column] = of[field.attname]
        with connections["default"].cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET ({', '.join(columns)})"  # noqa: S608 - names of our own
                f" = ROW({', '.join(f'changed.{column}' for column in columns)})"
                f" FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb) AS changed"
                f" WHERE {table}.{key} = changed.{key}"
                f" AND {table}.version = changed.version - 1",
                [orjson.dumps(values).decode()],
            )
            if cursor.rowcount != len(changes):
                raise self.model.Stale(changes[0].row)


_gathered: ContextVar[Gathered | None] = ContextVar("gathered", default=None)


def gathering(model: "type[Tracked]") -> Gathered | None:
    """Return what gathers the changes of this model's rows, if anything does."""
    gathered = _gathered.get()
    return gathered if gathered and gathered.model is model else None


@contextmanager
def together(model: "type[Tracked]") -> Iterator[None]:
    """Write what is saved of this model's rows within the block when it ends, all at once.

    For rows that are locked and whose new values are no expressions. Call it in a transaction.
    Raises StaleRow where a row is not the one that was read, and TypeError for an expression.
    """
    gathered = Gathered(model)
    token = _gathered.set(gathered)
    try:
        yield
    finally:
        _gathered.reset(token)
    gathered.write()
