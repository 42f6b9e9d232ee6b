"""Bulk writes that announce each row they change: see contacts.models.tracking."""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

import orjson
from django.db import connections, models, transaction
from django.shortcuts import get_object_or_404

from contacts.models.changes import Change


class TrackedQuerySet(models.QuerySet):
    """A QuerySet whose bulk writes announce every row they change."""

    def locked(self, pk: Any) -> Any:
        """Return a row, locked until the transaction ends: after its contact, as everywhere.

        So nobody waits in a circle. Raises Http404 where there is none, ContactGone where the
        contact is deleted at this moment.
        """
        rows: Any = self
        found = get_object_or_404(rows, pk=pk)
        contacts = self.model._meta.get_field("contact").related_model.objects
        contact = contacts.locked_with_survivor(found.contact_id)
        row = self.model.objects.select_for_update().get(pk=pk)
        row.contact = contact
        return row

    def update(
        self, *, verb: str = "", details: dict[str, Any] | None = None, **values: Any
    ) -> int:
        """Update all rows in one statement and announce those that really changed.

        Returns the number of rows matched, like QuerySet.update.
        """
        with transaction.atomic(savepoint=False):
            before = {row.pk: row.loaded for row in self.order_by("pk").select_for_update()}
            rows = models.QuerySet(self.model, using=self.db).filter(pk__in=before)
            matched = rows.update(**values)
            self.model.announce(
                Change(row, verb or row.verb("updated"), before[row.pk], row.loaded, details or {})
                for row in rows.order_by("pk")
            )
        return matched

    update.alters_data = True

    def bulk_create(
        self,
        objs: Iterable[Any],
        batch_size: int | None = None,
        *,
        verb: str = "",
        details: Sequence[dict[str, Any]] = (),
    ) -> list[Any]:
        """Insert all rows in as few statements as possible and announce each.

        `details` may hold one dict for each row, in the same order.
        """
        with transaction.atomic(savepoint=False):
            rows: list[Any] = list(objs)
            for row in rows:
                row.touch()
            if columns := self._as_columns(rows):
                self._insert_columns(rows, columns, batch_size or len(rows))
            else:
                rows = super().bulk_create(rows, batch_size)
            for row in rows:
                row.remember()
            self.model.announce(
                Change(row, verb or row.verb(row.created_as), {}, row.loaded, own)
                for row, own in zip(rows, details or repeat({}), strict=bool(details))
            )
        return rows

    bulk_create.alters_data = True

    def _as_columns(self, rows: list[Any]) -> list[dict[str, Any]]:
        """Return {column: value} of each row, nothing where not all are values as JSON has them."""
        fields = [f for f in self.model._meta.concrete_fields if not f.generated]
        try:
            found = [{f.column: f.pre_save(row, True) for f in fields} for row in rows]
            orjson.dumps(found)
        except TypeError:
            return []
        return found

    def _insert_columns(self, rows: list[Any], columns: list[dict[str, Any]], size: int) -> None:
        """Insert rows as Django does, but as one JSON value, which costs it a tenth of the time."""
        self._prepare_for_bulk_create(rows)
        table = self.model._meta.db_table
        names = ", ".join(columns[0])
        with connections[self.db].cursor() as cursor:
            for first in range(0, len(columns), size):
                cursor.execute(
                    f"INSERT INTO {table} ({names}) SELECT {names}"  # noqa: S608 - our own names
                    f" FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)",
                    [orjson.dumps(columns[first : first + size]).decode()],
                )
        for row in rows:
            row._state.adding, row._state.db = False, self.db

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete row by row, so that each leaves through the model's own `delete`."""
        with transaction.atomic(savepoint=False):
            rows = list(self.order_by("pk").select_for_update())
            for row in rows:
                row.delete()
        return len(rows), {self.model._meta.label: len(rows)}

    delete.alters_data = True
    delete.queryset_only = True
