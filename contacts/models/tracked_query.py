"""Bulk writes that announce each row they change: see contacts.models.tracking."""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any

from django.db import models, transaction
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
            objs = list(objs)
            for row in objs:
                row.touch()
            rows: list[Any] = super().bulk_create(objs, batch_size)
            for row in rows:
                row.remember()
            self.model.announce(
                Change(row, verb or row.verb(row.created_as), {}, row.loaded, own)
                for row, own in zip(rows, details or repeat({}), strict=bool(details))
            )
        return rows

    bulk_create.alters_data = True

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete row by row, so that each leaves through the model's own `delete`."""
        with transaction.atomic(savepoint=False):
            rows = list(self.order_by("pk").select_for_update())
            for row in rows:
                row.delete()
        return len(rows), {self.model._meta.label: len(rows)}

    delete.alters_data = True
    delete.queryset_only = True
