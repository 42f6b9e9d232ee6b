"""Which contacts the list shows, in which order: read from its address."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import F
from django.db.models.functions import Coalesce
from django.http import QueryDict

from contacts.models import Contact, ContactQuerySet
from contacts.models.contact_query import SEARCH_MAX_LENGTH
from contacts.paging import Matches, Order
from contacts.searching import Telling
from contacts.values import read_line

STATUSES = ("active", "archived", "all")
NOBODY = "none"
Drawn = Callable[[ContactQuerySet], ContactQuerySet]
ORDERS = {
    order.name: order
    for order in (
        Order("-activity", "last_activity_at", descending=True),
        Order("activity", "last_activity_at"),
        Order("name", "sort_name"),
        Order("-name", "sort_name", descending=True),
    )
}


@dataclass(frozen=True)
class ContactFilter:
    """What was asked for. Values that mean nothing are left out, so that no address is an error.

    `owner` is a user, NOBODY for contacts without one, or None for all.
    """

    q: str = ""
    status: str = STATUSES[0]
    tag: str = ""
    owner: Any = None
    order: Order = ORDERS["-activity"]

    @classmethod
    def of(cls, asked: QueryDict, people: Sequence[Any]) -> "ContactFilter":
        """Read the filter from the query of an address; `people` are the likely owners."""
        status = asked.get("status", "")
        return cls(
            q=read_line(asked.get("q", "")[:SEARCH_MAX_LENGTH]),
            status=status if status in STATUSES else STATUSES[0],
            tag=read_line(asked.get("tag", "")),
            owner=_owner(asked.get("owner", ""), people),
            order=ORDERS.get(asked.get("sort", ""), cls.order),
        )

    @property
    def narrows(self) -> bool:
        """Tell whether it leaves out contacts by anything but their status."""
        return bool(self.q or self.tag or self.owner)

    def without(self, *names: str) -> str:
        """Return the list's query string less these names, ready for another one to follow.

        The place in the pages is left out: it is one of this list.
        """
        said = {
            "q": self.q,
            "status": "" if self.status == STATUSES[0] else self.status,
            "tag": self.tag,
            "owner": getattr(self.owner, "pk", self.owner),
            "sort": "" if self.order == type(self).order else self.order.name,
        }
        kept = {name: value for name, value in said.items() if value and name not in names}
        return urlencode(kept) + "&" if kept else ""

    @property
    def among(self) -> ContactQuerySet:
        """Return the contacts that an index leads to in the list's order: all, or the owner's."""
        return self._owned(Contact.objects.all())

    def contacts(
        self, status: str = "", *, indexed: bool = True, telling: Telling | None = None
    ) -> ContactQuerySet:
        """Return the contacts that match, in no order; `status` replaces the one asked for.

        `indexed` as in ContactQuerySet.search, also for the tag. `telling` are the words by which
        the index is asked instead.
        """
        rows = Contact.objects.unmerged()
        if self.q:
            q = self.q
            rows = telling.lead(rows, q) if telling else rows.search(q, indexed=indexed)
        if self.tag:
            # An expression where the index has a column.
            tags = F("tags") if indexed else Coalesce("tags", "tags")
            rows = rows.alias(sorted_by=tags).filter(sorted_by__contains=[self.tag])
        rows = self._owned(rows)
        return {"active": rows.active, "archived": rows.archived, "all": rows.all}[
            status or self.status
        ]()

    def matches(self, drawn: Drawn, *, are_few: bool = False) -> Matches:
        """Return how the pages of its list are found.

        `drawn` adds what a list shows of each contact; `are_few` is known of those of a tag.
        """
        if not (self.q or self.tag):
            return Matches(drawn(self.contacts()))
        rows, checked = (drawn(self.contacts(indexed=each)) for each in (True, False))
        look_up = partial(self._look_up, drawn) if self.q else None
        return Matches(rows, checked, self.among, are_few, look_up)

    def _look_up(self, drawn: Drawn) -> tuple[ContactQuerySet, bool]:
        telling = Telling.of(self.q)
        return drawn(self.contacts(telling=telling)), telling.are_few

    def _owned(self, rows: ContactQuerySet) -> ContactQuerySet:
        if not self.owner:
            return rows
        return rows.filter(owner=None if self.owner == NOBODY else self.owner)


def _owner(asked: str, people: Sequence[Any]) -> Any:
    if asked in ("", NOBODY):
        return asked or None
    known = (person for person in people if str(person.pk) == asked)
    return next(known, None) or _somebody(asked)


def _somebody(asked: str) -> Any:
    try:
        return get_user_model().objects.filter(pk=UUID(asked)).first()
    except ValueError:
        return None
