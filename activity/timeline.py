"""A contact's timeline as a reader sees it: a page of events, and what lies on both sides."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import cached_property

from activity import asked, folding
from activity.filters import Filters
from activity.folding import Day
from activity.gathering import Found, attach, gather, joined
from activity.models import ActivityEvent
from activity.pinned import pinned_events
from contacts.models import Contact
from contacts.models.composed import Composed

PAGE = 50  # events on one page
HALF = PAGE // 2  # on both sides of a place that a link led to
COUNTED = 1_000  # beyond this, "1,000+"


@dataclass(frozen=True)
class Page:
    """A stretch of a timeline, newest first, and what lies on both sides of it."""

    contact_ids: Sequence[Any]  # the contact's, then those of what was merged into it
    filters: Filters
    events: Sequence[ActivityEvent]
    has_older: bool
    has_newer: bool = False
    linked: int | None = None  # the event that a link led to
    is_outside: bool = False  # that event is none that the filters ask for
    day: datetime.date | None = None  # the day that the reader jumped to
    looked: int | None = None  # up to where the reader had read before, where more came since
    follows: ActivityEvent | None = None  # the event above this page, already shown
    beginning: ActivityEvent | None = None  # the contact's first event, where nothing is filtered
    rest: int | None = None  # how many more there are, up to COUNTED + 1; None where not counted
    tally: Sequence[int] | None = (
        None  # how many in all and of each group, up to COUNTED + PAGE + 1
    )
    top: int = 0  # the newest event of the whole timeline
    pinned: Sequence[ActivityEvent] = ()  # what stands above it, not of what is only newer

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

    @property
    def is_tally_cut(self) -> bool:
        """Tell whether there may be more of each group than were counted."""
        return self.tally is not None and self.tally[0] > COUNTED + PAGE

    @property
    def shows_newest(self) -> bool:
        """Tell whether what happens next joins this page: it shows the newest, at most by group."""
        filters = self.filters
        return not self.has_newer and (not filters or filters.is_group_alone or bool(filters.own))

    @cached_property
    def days(self) -> list[Day]:
        """Return the events by day, runs of changes folded; not what was searched for."""
        return folding.days(
            self.events,
            follows=self.follows,
            linked=self.linked,
            looked=self.looked,
            folds=not self.filters.words,
        )

    @property
    def landing(self) -> datetime.date | None:
        """Return the day to show to who jumped to one: the last that is not after it."""
        if not self.day or not self.days:
            return None
        dates = [day.date for day in self.days]
        return next((date for date in dates if date <= self.day), dates[-1])

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
    day: datetime.date | None = None,
    looked: int | None = None,
) -> Page:
    """Return a page of a contact's timeline, in a number of queries that does not grow with it.

    What was merged into a contact stands on its timeline: `contact` is given where it is there.
    `before` asks for what is older than that event, `after` for what is newer (the newest PAGE of
    it), `at` for the stretch around it, whatever the filters, `day` for the stretch around the end
    of that day; without them, for the newest. `looked` is up to where the reader had read.
    """
    contact_ids = contact.all_ids if contact else [contact_id]
    page = None
    if at:
        found = _found(filters, contact_ids, "at", at)
        page = _around(contact_ids, filters, found) if found.rows["linked"] else None
    elif day:
        end = asked.midnight(day + datetime.timedelta(1))
        page = _around(contact_ids, filters, _found(filters, contact_ids, "day", end), day)
    if page is None:
        way, event = ("after", after) if after is not None else ("before", before)
        found = _found(filters, contact_ids, way, event)
        page = Page(
            contact_ids,
            filters,
            found.rows["page"][:PAGE],
            has_older=len(found.rows["page"]) > PAGE,
            has_newer=bool(before),
            looked=looked,
            follows=found.first("linked"),
            beginning=found.first("first"),
            rest=None if filters.words or way == "after" else found.counted - PAGE,
            tally=found.tally,
            top=found.newest,
            pinned=found.rows["pinned"],
        )
    beginning = [page.beginning] if page.beginning and page.has_older else []
    attach([*page.events, *beginning, *page.pinned], contact_id, contact)
    return page


def _found(filters: Filters, contact_ids: Sequence[Any], way: str, place: Any) -> Found:
    """Return what is found `before`, `after` or `at` an event, or around the end of a `day`.

    Before none is the newest.
    """
    places = [place] if place else []
    # Finding words reads all that there is: that is not done a second time to count.
    limit = 0 if filters.words or way == "after" else COUNTED + PAGE + 1
    shape, values = (filters, way, limit, len(places)), (*places, *contact_ids)
    is_usual = filters.is_group_alone and way != "day"
    return gather(_usual.ask(*values, shape=shape) if is_usual else _asked(*shape, *values))


def _asked(filters: Filters, way: str, limit: int, places: int, *values: Any) -> Any:
    """Return the query of a page, which counts up to a limit, 0 for not at all.

    The values are the place, if any, and the contacts' ids.
    """
    place, contact_ids = next(iter(values[:places]), None), values[places:]
    everything = ActivityEvent.objects.of(*contact_ids)
    timeline = everything.told_once() if len(contact_ids) > 1 else everything
    wanted = filters.apply(timeline)
    # Where nothing is filtered, the first of the page is on top of all.
    is_plain = not filters and not place
    parts: dict[str, tuple[Any, int]] = {} if is_plain else {"top": (everything, 1)}
    if place and way != "day":
        parts["linked"] = (everything.filter(id=place), 1)
    if way in {"at", "day"}:
        older, newer = ("id__lt", "id__gt") if way == "at" else _SIDES_OF_DAY
        stretch = wanted.filter(**{older: place})
        later = wanted.filter(**{newer: place}).order_by("id")
        parts |= {"older": (stretch, HALF + 1), "newer": (later, HALF + 1)}
    else:
        side = {"before": "id__lt", "after": "id__gt"}[way]
        stretch = wanted.filter(**{side: place}) if place else wanted
        parts["page"] = (stretch, PAGE + 1)
    if filters and way == "at":
        parts["fits"] = (wanted.filter(id=place), 1)
    if way != "after":
        parts["pinned"] = (pinned_events(*contact_ids), PAGE)
    if not filters and way != "after":
        parts["first"] = (ActivityEvent.objects.first_of(contact_ids[0]), 1)
    if not limit:
        return joined(parts)
    is_all = not place and not filters.group
    tallied = filters.of_all_groups.apply(timeline)[:limit]
    return joined(parts, None if is_all else stretch[:limit], tallied)


_SIDES_OF_DAY = ("occurred_at__lt", "occurred_at__gte")
# Some contacts have a thousand times as many events as others, and need a plan of their own.
_usual = Composed(_asked, planned=False)


def _around(
    contact_ids: Sequence[Any],
    filters: Filters,
    found: Found,
    day: datetime.date | None = None,
) -> Page:
    rows, linked = found.rows, found.first("linked")
    return Page(
        contact_ids,
        filters,
        [*rows["newer"][-HALF:], *rows["linked"], *rows["older"][:HALF]],
        has_older=len(rows["older"]) > HALF,
        has_newer=len(rows["newer"]) > HALF,
        linked=linked.id if linked else None,
        is_outside=bool(filters and linked and not rows["fits"]),
        day=day,
        beginning=found.first("first"),
        rest=None if filters.words else found.counted - HALF,
        tally=found.tally,
        top=found.newest,
        pinned=rows["pinned"],
    )
