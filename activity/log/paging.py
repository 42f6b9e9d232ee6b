"""A page of the log: entries by day, with the names of those they are about."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model

from activity.folding import day_of
from activity.log.filters import LogFilters
from activity.log.finding import numbers
from activity.models import ActivityEvent
from contacts.models import Contact, DeletedContact

PAGE = 50  # entries on one page
NAMES = ("honorific", "given_name", "family_name", "suffix", "organisation", "emails", "phones")
UNSEEN = ("salt", "commitment", "xid", "dedup_key")


@dataclass(frozen=True)
class Day:
    """One day of the viewer's zone, and what happened on it, newest first."""

    date: datetime.date
    entries: Sequence[ActivityEvent]


@dataclass(frozen=True)
class LogPage:
    """A stretch of the log, newest first. `has_older`, `has_newer`: there is more on that side."""

    filters: LogFilters
    entries: Sequence[ActivityEvent]
    has_older: bool
    has_newer: bool

    @classmethod
    def read(
        cls, filters: LogFilters, *, before: int | None = None, after: int | None = None
    ) -> "LogPage":
        """Return the newest page, or the one next to an entry's number.

        `before` asks for what is older, `after` for what is newer. Where too little is newer, it is
        the newest page.
        """
        if after is not None:
            found = numbers(filters, PAGE + 1, after=after)
            if len(found) > PAGE:
                return cls(filters, entries(found[1:]), has_older=True, has_newer=True)
        found = numbers(filters, PAGE + 1, before=before if after is None else None)
        has_newer = before is not None and after is None
        return cls(filters, entries(found[:PAGE]), len(found) > PAGE, has_newer)

    @property
    def days(self) -> list[Day]:
        """Return the entries by day."""
        return [Day(date, list(each)) for date, each in groupby(self.entries, key=day_of)]

    @property
    def newest(self) -> int:
        """Return the number of the newest entry shown: the cursor of the page before."""
        return self.entries[0].id

    @property
    def oldest(self) -> int:
        """Return the number of the oldest entry shown: the cursor of the next page."""
        return self.entries[-1].id

    def sealed_from(self, up_to: int | None) -> int | None:
        """Return the entry above which it says that all below is verified, if it is on this page.

        `up_to` is the newest entry up to which all are sealed.
        """
        if up_to is None:
            return None
        above = [entry for entry in self.entries if entry.id > up_to]
        below = [entry for entry in self.entries if entry.id <= up_to]
        on_this_page = bool(above) or not self.has_newer
        return below[0].id if below and on_this_page else None


def entries(found: Iterable[int]) -> list[ActivityEvent]:
    """Return the entries of these numbers, newest first, with names, in four queries at most."""
    events = list(ActivityEvent.objects.defer(*UNSEEN).filter(id__in=found).order_by("-id"))
    attach_names(events)
    return events


def attach_names(events: Sequence[ActivityEvent]) -> None:
    """Give entries what is not in them: what their contact is called now, and erased actors.

    `contact_name` is empty for a contact whose name was erased; `contact_is_gone` tells that it
    was deleted.
    """
    ids = {event.contact_id for event in events if event.contact_id}
    living = Contact.objects.only(*NAMES).in_bulk(ids)
    gone = DeletedContact.objects.in_bulk(ids - living.keys()) if ids - living.keys() else {}
    names: dict[UUID, Any] = {**living, **{pk: each.name for pk, each in gone.items()}}
    erased = {event.actor_id for event in events if event.is_erased and event.actor_id}
    people = get_user_model().objects.in_bulk(erased) if erased else {}
    for event in events:
        event.contact_name = str(names.get(event.contact_id, ""))
        event.contact_is_gone = event.contact_id is not None and event.contact_id not in living
        if event.is_erased and event.actor_id in people:
            event.actor_name = str(people[event.actor_id])
