"""Pages of a list by keyset: a page begins after a row, so no page costs more than the first."""

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import F, Model, Q, QuerySet


@dataclass(frozen=True)
class Order:
    """An order that no two rows share a place in: by `field`, then by id.

    `name` stands for it in addresses. Rows of the list need an index on (field, id).
    """

    name: str
    field: str
    descending: bool = False

    def applied(self, rows: QuerySet, *, reverse: bool = False) -> QuerySet:
        """Return the rows in this order, or in its reverse."""
        down = self.descending != reverse
        return rows.order_by(*(F(f).desc() if down else F(f).asc() for f in (self.field, "id")))

    def after(self, rows: QuerySet, place: list[Any], *, reverse: bool = False) -> QuerySet:
        """Return the rows that come after a place: the field's value and the id of a row."""
        value, key = place
        way = "lt" if self.descending != reverse else "gt"
        # The first half gives the index its range, the second parts rows with the same value.
        return rows.filter(
            Q(**{f"{self.field}__{way}e": value}),
            Q(**{f"{self.field}__{way}": value}) | Q(**{f"id__{way}": key}),
        )

    def cursor(self, row: Model, direction: str) -> str:
        """Return what means, in an address, the page "before" or "after" the row."""
        value = getattr(row, self.field)
        place = value.isoformat() if hasattr(value, "isoformat") else value
        return signing.dumps([direction, place, str(row.pk)], salt=self._salt)

    def place(self, cursor: str) -> tuple[str, list[Any]] | None:
        """Return the direction and place a cursor means; None if it isn't one of this order's."""
        try:
            direction, *place = signing.loads(cursor, salt=self._salt)
        except signing.BadSignature:
            return None
        return direction, place

    @property
    def _salt(self) -> str:
        return f"cursor {self.name}"


@dataclass(frozen=True)
class Page:
    """Some rows of a list; `previous` and `next` are cursors, empty where there is no such page."""

    rows: list[Any]
    previous: str = ""
    next: str = ""

    @property
    def is_whole(self) -> bool:
        """Tell whether the list has no other page."""
        return not (self.previous or self.next)

    @classmethod
    def of(cls, rows: QuerySet, order: Order, cursor: str, size: int) -> "Page":
        """Return the page at the cursor; the first one where the cursor is empty or unknown."""
        direction, place = order.place(cursor) or ("first", None)
        if direction == "before":
            above = order.applied(order.after(rows, place, reverse=True), reverse=True)
            found = list(above[: size + 1])
            if len(found) > size:
                return cls._cut(found[:size][::-1], order, more_before=True, more_after=True)
        elif direction == "after":
            found = list(order.applied(order.after(rows, place))[: size + 1])
            if found:
                return cls._cut(found[:size], order, more_before=True, more_after=len(found) > size)
        # Also where the rows before a place don't fill a page, and where none are left after it.
        found = list(order.applied(rows)[: size + 1])
        return cls._cut(found[:size], order, more_before=False, more_after=len(found) > size)

    @classmethod
    def _cut(cls, rows: list[Any], order: Order, *, more_before: bool, more_after: bool) -> "Page":
        return cls(
            rows,
            order.cursor(rows[0], "before") if more_before else "",
            order.cursor(rows[-1], "after") if more_after else "",
        )
