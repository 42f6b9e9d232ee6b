"""A contact's complete record: every event, with what it changed, said and sent."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils.functional import cached_property

from activity.folding import day_of
from activity.gathering import attach
from activity.history import versions
from activity.history.details import details
from activity.history.filters import RecordFilters
from activity.history.versions import Difference
from activity.models import ActivityEvent
from contacts.models import Comment, Contact, Delivery

PAGE = 50  # entries on one page
BATCH = 500  # entries that are read at a time, where all are
COUNTED = 1_000  # beyond this, "1,000+"


@dataclass(frozen=True)
class Entry:
    """An event with the fields it changed side by side, and all else that it said.

    `before` and `version` are those of the row which it changed. `is_hidden` tells that its text
    is that of a deleted comment, and the reader not one who moderates. `deliveries` are the mails
    of what it sent.
    """

    event: ActivityEvent
    fields: Sequence[Difference]
    details: Sequence[tuple[str, str]]
    deliveries: Sequence[Delivery]
    before: Any = None
    version: Any = None
    is_hidden: bool = False

    @property
    def moment(self) -> datetime.datetime:
        """Return when it was done: the contact at that moment is as this entry left it."""
        return self.version.history_date if self.version else self.event.occurred_at

    @property
    def at(self) -> str:
        """Return the same as an address says it."""
        return f"{self.moment.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


@dataclass(frozen=True)
class Page:
    """A stretch of the record, newest first."""

    contact: Contact
    filters: RecordFilters
    entries: Sequence[Entry]
    before: int | None
    has_older: bool

    @cached_property
    def days(self) -> list[tuple[datetime.date, list[Entry]]]:
        """Return the entries by day of the viewer's zone."""
        by_day = groupby(self.entries, key=lambda entry: day_of(entry.event))
        return [(date, list(entries)) for date, entries in by_day]

    @property
    def oldest(self) -> int:
        """Return the cursor of the next page."""
        return self.entries[-1].event.id if self.entries else 0

    @cached_property
    def rest(self) -> int | None:
        """Return how many more there are, up to COUNTED + 1; None where words were looked for.

        Finding words reads all that there is: that is not done a second time to count.
        """
        if self.filters.words:
            return None
        rest = wanted(self.contact, self.filters).filter(id__lt=self.oldest)
        return rest[: COUNTED + 1].count()

    @property
    def is_more_than_counted(self) -> bool:
        """Tell whether there are more than were counted."""
        return self.rest is not None and self.rest > COUNTED


def read(contact: Contact, filters: RecordFilters, before: int | None = None) -> Page:
    """Return the newest page, or the one that follows the event `before`.

    The number of queries does not grow with the record.
    """
    events = wanted(contact, filters)
    found = list((events.filter(id__lt=before) if before else events)[: PAGE + 1])
    entries = entries_of(contact, found[:PAGE], filters)
    return Page(contact, filters, entries, before, has_older=len(found) > PAGE)


def batches(
    contact: Contact, events: Any, filters: RecordFilters, *, by_name: bool = True
) -> Iterator[list[Entry]]:
    """Yield the entries of these events, oldest first, as many at a time as BATCH says.

    Without `by_name`, users whom versions name stand there with their ids, which never change.
    """
    events, after = events.order_by("id"), 0
    while batch := list(events.filter(id__gt=after)[:BATCH]):
        yield entries_of(contact, batch, filters, by_name=by_name)
        after = batch[-1].id


def wanted(contact: Contact, filters: RecordFilters, ids: Sequence[Any] = ()) -> Any:
    """Return the events that the filters leave, newest first.

    They are those of the contact and of what was merged into it, or of `ids`.
    """
    return filters.apply(ActivityEvent.objects.of(*(ids or contact.all_ids)))


def entries_of(
    contact: Contact,
    events: Sequence[ActivityEvent],
    filters: RecordFilters,
    *,
    by_name: bool = True,
) -> list[Entry]:
    """Return the entries of these events, in a constant number of queries."""
    attach(events, contact.pk, contact)
    pairs = versions.pairs(events)
    named = versions.people_in(pairs.values()) if by_name else {}
    hidden = set() if filters.moderates else _deleted_comments(events)
    return [_entry(contact, event, pairs.get(event.id), named, hidden) for event in events]


def _entry(
    contact: Contact, event: ActivityEvent, pair: Any, named: dict[Any, str], hidden: set[Any]
) -> Entry:
    is_hidden = event.object_id in hidden
    told = event.changes
    if is_hidden:
        fields = []
    elif pair:
        # Versions of a merged contact are none of this one, to which they could be put back.
        now = contact if event.contact_id == contact.pk else None
        fields = versions.differences(pair, named, now, told=told)
    else:
        fields = versions.as_told(told)
    sent = getattr(getattr(event, "living", None), "deliveries_newest_first", [])
    return Entry(
        event=event,
        fields=fields,
        details=details(event),
        deliveries=sent[::-1],
        before=pair.before if pair else None,
        version=pair.after if pair else None,
        is_hidden=is_hidden,
    )


def _deleted_comments(events: Sequence[ActivityEvent]) -> set[Any]:
    keys = {event.object_id for event in events if event.object_type == "comment"}
    deleted = Comment.objects.filter(pk__in=keys).exclude(deleted_at=None) if keys else []
    return {comment.pk for comment in deleted}
