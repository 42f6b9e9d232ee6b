"""Pages of a list by keyset: a page begins after a row, so no page costs more than the first."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import Coalesce

# Rows to read along the order's index before asking another index for those that match, first of
# the nearest rows, then of all.
NEAR = 2_000
FAR = 20_000


@dataclass(frozen=True)
class Order:
    """An order in which no two rows share a place: by `field`, then by id.

    `name` stands for it in addresses. Rows of the list need an index on (field, id).
    """

    name: str
    field: str
    descending: bool = False

    def applied(self, rows: QuerySet, *, reverse: bool = False, sorting: bool = False) -> QuerySet:
        """Return the rows in this order, or in its reverse.

        With `sorting` the database finds the rows first and sorts them then, where it might
        otherwise read along the order's index and look at each row.
        """
        down = self.descending != reverse
        columns = [Coalesce(self.field, self.field) if sorting else F(self.field), F("id")]
        return rows.order_by(*(each.desc() if down else each.asc() for each in columns))

    def after(self, rows: QuerySet, place: Any, *, reverse: bool = False) -> QuerySet:
        """Return the rows that come after a place: the field's value and the id of a row."""
        if place is None:
            return rows
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
class Matches:
    """The rows of a list, by the conditions that have an index.

    - `checked`: the same rows by conditions without one. None where the order's index leads to
      them, or where the planner knows how many they are.
    - `among`: the rows that the order's index leads to, those of the list among them.
    - `are_few`: there are so few that to find and sort them all is quickest.
    - `look_up`: looks how rare they are; returns the rows, by the conditions that lead to the
      fewest, and whether they are few.

    PostgreSQL can't tell how many rows hold a word that begins so and so, nor that those of a tag
    are all at the other end of the order. Where many match, the first ones are found soonest by
    reading along the order and checking each row; where few do, by the index of words or tags. So
    the nearest rows are checked, and only where they don't fill the page it is looked up how rare
    the words are, or the index asked.
    """

    rows: QuerySet
    checked: QuerySet | None = None
    among: QuerySet | None = None
    are_few: bool = False
    look_up: Callable[[], tuple[QuerySet, bool]] | None = None

    def take(self, count: int, order: Order, place: Any, *, reverse: bool = False) -> list[Any]:
        """Return up to that many rows that follow the place."""
        if self.checked is None:
            rows = order.after(self.rows, place, reverse=reverse)
            return list(order.applied(rows, reverse=reverse)[:count])
        rows, are_few, further = self.rows, self.are_few, self.rows
        if not are_few:
            found = self._ahead(NEAR, self.checked, count, order, place, reverse=reverse)
            if found is not None:
                return found
            if self.look_up:
                further = self.checked
                rows, are_few = self.look_up()
        if not are_few:
            found = self._ahead(FAR, further, count, order, place, reverse=reverse)
            if found is not None:
                return found
        rows = order.after(rows, place, reverse=reverse)
        return list(order.applied(rows, reverse=reverse, sorting=True)[:count])

    def _ahead(
        self, within: int, rows: QuerySet, count: int, order: Order, place: Any, *, reverse: bool
    ) -> list[Any] | None:
        """Return the page from so many rows ahead; None where they don't fill it."""
        edge = self._edge(within, order, place, reverse=reverse)
        rows = order.after(rows, place, reverse=reverse)
        if edge is not None:
            rows = order.after(rows, edge, reverse=not reverse)
        found = list(order.applied(rows, reverse=reverse)[:count])
        return found if edge is None or len(found) == count else None

    def _edge(self, within: int, order: Order, place: Any, *, reverse: bool) -> Any:
        """Return the place of the row so many rows ahead; None where there are not so many."""
        among = self.rows.model._default_manager.all() if self.among is None else self.among
        ahead = order.applied(order.after(among, place, reverse=reverse), reverse=reverse)
        return ahead.values_list(order.field, "id")[within:][:1].first()


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
    def of(cls, matches: Matches, order: Order, cursor: str, size: int) -> "Page":
        """Return the page at the cursor; the first one where the cursor is empty or unknown."""
        direction, place = order.place(cursor) or ("first", None)
        if direction == "before":
            found = matches.take(size + 1, order, place, reverse=True)
            if len(found) > size:
                return cls._cut(found[:size][::-1], order, more_before=True, more_after=True)
        elif direction == "after":
            found = matches.take(size + 1, order, place)
            if found:
                return cls._cut(found[:size], order, more_before=True, more_after=len(found) > size)
        # Also where the rows before a place don't fill a page, and where none are left after it.
        found = matches.take(size + 1, order, None)
        return cls._cut(found[:size], order, more_before=False, more_after=len(found) > size)

    @classmethod
    def _cut(cls, rows: list[Any], order: Order, *, more_before: bool, more_after: bool) -> "Page":
        return cls(
            rows,
            order.cursor(rows[0], "before") if more_before else "",
            order.cursor(rows[-1], "after") if more_after else "",
        )
