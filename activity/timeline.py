"""A contact's timeline as a reader sees it: a page of events by day, with quiet runs folded."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.functional import cached_property

from activity.filters import Filters
from activity.models import ActivityEvent
from contacts.models import Contact

PAGE = 50  # events on one page
COUNTED = 10_000  # beyond this, "10,000+"
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

    @property
    def contact_id(self) -> Any:
        """Return the id of the contact whose timeline it is."""
        return self.contact_ids[0]

    @property
    def is_merged(self) -> bool:
        """Tell whether other contacts were merged into this one."""
        return len(self.contact_ids) > 1

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

    @cached_property
    def older(self) -> int:
        """Return how many more there are, counted up to COUNTED + 1."""
        rest = self.filters.apply(ActivityEvent.objects.of(*self.contact_ids)).filter(
            id__lt=self.oldest
        )
        return rest[: COUNTED + 1].count()

    @property
    def is_quiet(self) -> bool:
        """Tell whether nothing was ever done but to enter the contact."""
        return not self.has_older and all(e.kind.group == "system" for e in self.events)


def read(
    contact_id: Any,
    filters: Filters,
    *,
    merged: Iterable[Any] = (),
    before: int | None = None,
    after: int | None = None,
    at: int | None = None,
) -> Page:
    """Return a page of a contact's timeline, in a number of queries that does not grow with it.

    What was merged into a contact stands on its timeline: `merged` is its `merged_ids`.
    `before` asks for what is older than that event, `after` for what is newer (the newest PAGE of
    it), `at` for the stretch around it, whatever the filters; without them, for the newest.
    """
    contact_ids = (contact_id, *merged)
    timeline = ActivityEvent.objects.of(*contact_ids)
    linked = timeline.filter(id=at).first() if at else None
    if linked:
        newer = list(
            filters.apply(timeline).filter(id__gt=linked.id).order_by("id")[: PAGE // 2 + 1]
        )
        older = list(filters.apply(timeline).filter(id__lt=linked.id)[: PAGE // 2 + 1])
        has_older, has_newer = (len(side) > PAGE // 2 for side in (older, newer))
        events = [*reversed(newer[: PAGE // 2]), linked, *older[: PAGE // 2]]
        page = Page(contact_ids, filters, events, has_older, has_newer, linked=linked.id)
    elif after is not None:
        events = list(filters.apply(timeline).filter(id__gt=after)[: PAGE + 1])
        page = Page(contact_ids, filters, events[:PAGE], has_older=len(events) > PAGE)
    else:
        wanted = filters.apply(timeline)
        follows = timeline.filter(id=before).first() if before else None
        events = list((wanted.filter(id__lt=before) if before else wanted)[: PAGE + 1])
        page = Page(
            contact_ids,
            filters,
            events[:PAGE],
            has_older=len(events) > PAGE,
            has_newer=bool(before),
            follows=follows,
        )
    attach(page.events)
    mark_origins(page.events, page.contact_id)
    return page


def attach(events: Iterable[ActivityEvent]) -> None:
    """Give the events what is not in them: living rows, and the names of erased actors."""
    living: dict[Any, set[Any]] = {}
    for event in events:
        if event.kind.living:
            living.setdefault(event.kind.living, set()).add(event.object_id)
    rows = {model: model.for_timeline(ids) for model, ids in living.items()}
    erased = {e.actor_id for e in events if e.is_erased and e.actor_id}
    names = get_user_model().objects.in_bulk(erased) if erased else {}
    for event in events:
        event.living = rows.get(event.kind.living, {}).get(event.object_id)
        if event.is_erased and event.actor_id in names:
            event.actor_name = str(names[event.actor_id])


def mark_origins(events: Iterable[ActivityEvent], contact_id: Any) -> None:
    """Give events of contacts that were merged into this one that contact as `came_from`."""
    merged = {event.contact_id for event in events} - {contact_id, None}
    rows = Contact.objects.defer("search", "notes").in_bulk(merged) if merged else {}
    for event in events:
        event.came_from = rows.get(event.contact_id)


def beginning(contact_id: Any) -> ActivityEvent | None:
    """Return the first event of a contact, ready to be drawn."""
    event = ActivityEvent.objects.of(contact_id).order_by("id").first()
    if event:
        attach([event])
    return event


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
