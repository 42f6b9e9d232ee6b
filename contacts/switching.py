"""From a contact to the next one of the list that somebody came from."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from contacts.filtering import ContactFilter
from contacts.models import Contact, ContactQuerySet

LIST_MAX_LENGTH = 2_000  # characters of a list's query string
TOLD_MAX = 1_000  # contacts of a list in which it is told which one of how many this is


def list_of(request: HttpRequest) -> str | None:
    """Return the query string of the list that a contact was opened from; None without one.

    Links between neighbours name it. The first contact is opened by a link of the list itself,
    whose address browsers send along within a site.
    """
    if "list" in request.GET:
        return request.GET["list"][:LIST_MAX_LENGTH]
    page, _mark, query = request.headers.get("Referer", "").partition("?")
    is_list = page == request.build_absolute_uri(reverse("contacts"))
    return query[:LIST_MAX_LENGTH] if is_list else None


@dataclass(frozen=True)
class Neighbours:
    """Whom a list has before and after a contact, and where it stands among how many.

    `position` and `total` are 0 where that is not told: of a long list, and of a contact that the
    list does not show any more.
    """

    previous: Contact | None
    next: Contact | None
    position: int = 0
    total: int = 0

    @classmethod
    def of(cls, contact: Contact, asked: ContactFilter, total: int | None) -> "Neighbours":
        """Look both ways from the contact's place; `total` is how many the list has, if known."""
        is_short = bool(total) and total <= TOLD_MAX
        order, matches = asked.order, asked.matches(_drawn, are_few=is_short)
        place: Any = (getattr(contact, order.field), contact.pk)
        before, after = (
            next(iter(matches.take(1, order, place, reverse=reverse)), None)
            for reverse in (True, False)
        )
        if not is_short or not asked.contacts(indexed=False).filter(pk=contact.pk).exists():
            return cls(before, after)
        ahead = order.after(asked.contacts(), place, reverse=True).order_by().count()
        return cls(before, after, ahead + 1, total or 0)


def _drawn(rows: ContactQuerySet) -> ContactQuerySet:
    return rows.defer("search", "notes")
