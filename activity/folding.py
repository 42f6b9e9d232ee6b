"""Puts the events of a page in days, and quiet runs of changes behind one line each."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.utils import timezone

from activity.models import ActivityEvent

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


Row = ActivityEvent | Fold


@dataclass(frozen=True)
class Day:
    """One day of the viewer's zone. `continued`: its heading stands on the page before.

    `news` are those of its rows that came since the viewer last looked, where `rows` begin with
    what was there already; None where that is on no other day than this or on none.
    """

    date: datetime.date
    rows: Sequence[Row]
    continued: bool = False
    news: Sequence[Row] | None = None

    @property
    def iso(self) -> str:
        """Return its date as YYYY-MM-DD."""
        return self.date.isoformat()


def day_of(event: ActivityEvent) -> datetime.date:
    """Return the day of an event in the zone of the viewer."""
    return timezone.localtime(event.occurred_at).date()


def days(
    events: Sequence[ActivityEvent],
    *,
    follows: ActivityEvent | None = None,
    linked: int | None = None,
    looked: int | None = None,
    folds: bool = True,
) -> list[Day]:
    """Return events by day, newest first, runs of changes folded where `folds`.

    `follows` is the event above them, whose heading stands there. The run with the `linked` event
    is open. `looked` is up to where the viewer had read: the first day with an event from before
    that tells what is new on it, if anything on the page is.
    """
    above = follows and day_of(follows)
    found, parted = [], looked is None or not events or events[0].id <= looked
    for date, group in groupby(events, key=day_of):
        of_day = list(group)
        news: list[Row] | None = None
        if not parted and of_day[-1].id <= looked:
            parted = True
            news = list(_folded([e for e in of_day if e.id > looked], linked, folds))
            of_day = [event for event in of_day if event.id <= looked]
        rows = list(_folded(of_day, linked, folds))
        found.append(Day(date, rows, continued=date == above, news=news))
    return found


def _folded(
    events: Sequence[ActivityEvent], linked: int | None, folds: bool = True
) -> Iterator[Row]:
    if not folds:
        yield from events
        return
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


def _closed(run: list[ActivityEvent], linked: int | None) -> list[Row]:
    if len(run) < RUN:
        return list(run)
    return [Fold(tuple(run), is_open=any(event.id == linked for event in run))]
