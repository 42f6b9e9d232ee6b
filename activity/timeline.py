"""A contact's timeline as a reader sees it: a page of events by day, with quiet runs folded."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.functional import cached_property

from activity.filters import Filters
from activity.gathering import attach, gather, joined
from activity.models import ActivityEvent
from contacts.models import Contact
from contacts.models.composed import Composed

PAGE = 50  # events on one page
COUNTED = 1_000  # beyond this, "1,000+"
RUN = 3  # changes in a row that are worth folding
RUN_PAUSE = datetime.timedelta(minutes=10)  # a longer pause begins another run


@dataclass(frozen=True)
class Fold:
    """A run of changes by one person within minutes, newest first."""

    events: Sequence[ActivityEvent]
    is_open: bool = False

    @property
    def newest(self) -> ActivityEvent:
        """Return its last change, which also names who made the run."""
        return self.events[0]

    @property
    def oldest(self) -> ActivityEvent:
        """Return its first change."""
        return self.events[-1]

    @property
    def labels(self) -> str:
        """Return the names of the fields it touched, each once."""
        labels = [change["label"] for event in self.events for change in event.changes]
        return ", ".join(dict.fromkeys(labels))


@dataclass(frozen=True)
class Day:
    """One day of the viewer's zone. `continued`: its heading stands on the page before."""

    date: datetime.date
    rows: Sequence[ActivityEvent | Fold]
    continued: bool = False

    @property
    def iso(self) -> str:
        """Return its date as YYYY-MM-DD."""
        return self.date.isoformat()


@dataclass(frozen=True)
class Page:
    """A stretch of a timeline, newest first, and what lies on both sides of it."""

    contact_ids: Sequence[Any]  # the contact's, then those of what was merged into it
    filters: Filters
    events: Sequence[ActivityEvent]
    has_older: bool
    has_newer: bool = False
    linked: int | None = None  # the event that a link led to
    follows: ActivityEvent | None = None  # the event above this page, already shown
    beginning: ActivityEvent | None = None  # the contact's first event, where nothing is filtered
    rest: int | None = None  # how many more there are, up to COUNTED + 1; None where not counted

    @property
    def contact_id(self) -> Any:
        """Return the id of the contact whose timeline it is."""
        return self.contact_ids[0]

    @property
    def is_merged(self) -> bool:
        """Tell whether other contacts were merged into this one."""
        return len(self.contact_ids) > 1

    @property
    def is_more_than_counted(self) -> bool:
        """Tell whether there are more than were counted."""
        return self.rest is not None and self.rest > COUNTED

    @cached_property
    def days(self) -> list[Day]:
        """Return the events by day, runs of changes folded."""
        above = self.follows and day_of(self.follows)
        return [
            Day(date, list(_folded(list(events), self.linked)), continued=date == above)
            for date, events in groupby(self.events, key=day_of)
        ]

    @property
    def newest(self) -> int:
        """Return the id of the newest event shown, 0 where there is none."""
        return self.events[0].id if self.events else 0

    @property
    def oldest(self) -> int:
        """Return the id of the oldest event shown: the cursor of the next page."""
        return self.events[-1].id if self.events else 0

    @property
    def is_quiet(self) -> bool:
        """Tell whether nothing was ever done but to enter the contact."""
        return not self.has_older and all(e.kind.group == "system" for e in self.events)


def read(
    contact_id: Any,
    filters: Filters,
    *,
    contact: Contact | None = None,
    before: int | None = None,
    after: int | None = None,
    at: int | None = None,
) -> Page:
    """Return a page of a contact's timeline, in a number of queries that does not grow with it.

    What was merged into a contact stands on its timeline: `contact` is given where it is there.
    `before` asks for what is older than that event, `after` for what is newer (the newest PAGE of
    it), `at` for the stretch around it, whatever the filters; without them, for the newest.
    """
    contact_ids = contact.all_ids if contact else [contact_id]
    page = None
    if at:
        found, total = _found(filters, contact_ids, "at", at)
        page = _around(contact_ids, filters, found, total) if found["linked"] else None
    if page is None:
        way, event = ("after", after) if after is not None else ("before", before)
        found, total = _found(filters, contact_ids, way, event)
        page = Page(
            contact_ids,
            filters,
            found["page"][:PAGE],
            has_older=len(found["page"]) > PAGE,
            has_newer=bool(before),
            follows=next(iter(found["linked"]), None),
            beginning=next(iter(found["first"]), None),
            rest=None if filters.words or way == "after" else total - PAGE,
        )
    beginning = [page.beginning] if page.beginning and page.has_older else []
    attach([*page.events, *beginning], contact_id, contact)
    return page


def _found(
    filters: Filters, contact_ids: Sequence[Any], way: str, event: int | None
) -> tuple[dict[str, list[ActivityEvent]], int]:
    """Return what is found `before`, `after` or `at` an event; before none is the newest."""
    events = [event] if event else []
    # Finding words reads all that there is: that is not done a second time to count.
    counted = 0 if filters.words or way == "after" else COUNTED + PAGE + 1
    shape, values = (filters, way, counted, len(events)), (*events, *contact_ids)
    return gather(_asked(*shape, *values) if filters else _unfiltered.ask(*values, shape=shape))


def _asked(filters: Filters, way: str, counted: int, events: int, *values: Any) -> Any:
    """Return the query of a page. The values are the event's id, if any, and the contacts'."""
    event, contact_ids = next(iter(values[:events]), None), values[events:]
    timeline = ActivityEvent.objects.of(*contact_ids)
    wanted = filters.apply(timeline)
    itself = {"linked": (timeline.filter(id=event), 1)} if event else {}
    if way == "at":
        stretch = wanted.filter(id__lt=event)
        newer = wanted.filter(id__gt=event).order_by("id")
        parts = {"older": (stretch, PAGE // 2 + 1), "newer": (newer, PAGE // 2 + 1)}
    else:
        side = {"before": "id__lt", "after": "id__gt"}[way]
        stretch = wanted.filter(**{side: event}) if event else wanted
        parts = {"page": (stretch, PAGE + 1)}
    if not filters and way != "after":
        itself["first"] = (ActivityEvent.objects.first_of(contact_ids[0]), 1)
    return joined(parts | itself, stretch[:counted] if counted else None)


# Some contacts have a thousand times as many events as others, and need a plan of their own.
_unfiltered = Composed(_asked, planned=False)


def _around(
    contact_ids: Sequence[Any], filters: Filters, found: dict[str, list[ActivityEvent]], total: int
) -> Page:
    half = PAGE // 2
    return Page(
        contact_ids,
        filters,
        [*found["newer"][-half:], *found["linked"], *found["older"][:half]],
        has_older=len(found["older"]) > half,
        has_newer=len(found["newer"]) > half,
        linked=found["linked"][0].id,
        beginning=next(iter(found["first"]), None),
        rest=None if filters.words else total - half,
    )


def day_of(event: ActivityEvent) -> datetime.date:
    """Return the day of an event in the zone of the viewer."""
    return timezone.localtime(event.occurred_at).date()


def _folded(events: Sequence[ActivityEvent], linked: int | None) -> Iterator[ActivityEvent | Fold]:
    run: list[ActivityEvent] = []
    for event in events:
        if run and not _continues(run[-1], event):
            yield from _closed(run, linked)
            run = []
        run.append(event)
    yield from _closed(run, linked)


def _continues(later: ActivityEvent, earlier: ActivityEvent) -> bool:
    return (
        earlier.kind.group == "change"
        and (later.verb, later.actor_type, later.actor_id)
        == (earlier.verb, earlier.actor_type, earlier.actor_id)
        and later.contact_id == earlier.contact_id
        and later.occurred_at - earlier.occurred_at <= RUN_PAUSE
    )


def _closed(run: list[ActivityEvent], linked: int | None) -> list[ActivityEvent | Fold]:
    if len(run) < RUN:
        return list(run)
    return [Fold(tuple(run), is_open=any(event.id == linked for event in run))]
