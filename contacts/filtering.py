"""Which contacts the list shows, in which order: read from its address."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.http import QueryDict

from contacts.models import Contact, ContactQuerySet
from contacts.paging import Order
from contacts.values import read_line

STATUSES = ("active", "archived", "all")
NOBODY = "none"
ORDERS = {
    order.name: order
    for order in (
        Order("-activity", "last_activity_at", descending=True),
        Order("activity", "last_activity_at"),
        Order("name", "sort_name"),
        Order("-name", "sort_name", descending=True),
    )
}
Q_MAX_LENGTH = 200


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
    def of(cls, asked: QueryDict) -> "ContactFilter":
        """Read the filter from the query of an address."""
        status = asked.get("status", "")
        return cls(
            q=read_line(asked.get("q", "")[:Q_MAX_LENGTH]),
            status=status if status in STATUSES else STATUSES[0],
            tag=read_line(asked.get("tag", "")),
            owner=_owner(asked.get("owner", "")),
            order=ORDERS.get(asked.get("sort", ""), cls.order),
        )

    @property
    def narrows(self) -> bool:
        """Tell whether it leaves out contacts by anything but their status."""
        return bool(self.q or self.tag or self.owner)

    def contacts(self, status: str = "") -> ContactQuerySet:
        """Return the contacts that match, in no order; `status` replaces the one asked for."""
        rows = Contact.objects.all()
        if self.q:
            rows = rows.search(self.q)
        if self.tag:
            rows = rows.filter(tags__contains=[self.tag])
        if self.owner:
            rows = rows.filter(owner=None if self.owner == NOBODY else self.owner)
        return {"active": rows.active, "archived": rows.archived, "all": rows.all}[
            status or self.status
        ]()


def _owner(asked: str) -> Any:
    if asked == NOBODY:
        return NOBODY
    try:
        return get_user_model().objects.filter(pk=UUID(asked)).first()
    except ValueError:
        return None
