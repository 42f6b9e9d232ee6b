"""How many entries there were on each day: drawn from what was counted while sealing."""

import datetime
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import connections, router
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from activity import asked
from activity.catalogue import CATALOGUE, PRIVATE
from activity.log.filters import LogFilters
from activity.models import ActivityEvent

DAYS = 30  # shown where no dates are asked for
DAYS_MAX = 92  # of a longer range the last ones are shown
WAITING_MAX = 10_000  # entries not sealed yet that are counted one by one

WIDTH, HEIGHT, LEFT, TOP = 960, 132, 34, 16  # of the drawing
BASE = 104  # where the bars stand
FILLED = 0.68  # of the room of a day
TICKS = 7  # days between the dates below

_COUNTED = """
SELECT (slot AT TIME ZONE %(zone)s)::date AS day, verb, sum(count)::bigint FROM activity_tally
WHERE slot >= %(since)s AND slot < %(until)s GROUP BY day, verb
UNION ALL
SELECT (occurred_at AT TIME ZONE %(zone)s)::date AS day, verb, count(*) FROM (
    SELECT occurred_at, verb FROM activity_event WHERE id IN (
        SELECT event_id FROM activity_pending ORDER BY event_id DESC LIMIT %(most)s
    )
) AS waiting WHERE occurred_at >= %(since)s AND occurred_at < %(until)s GROUP BY day, verb
"""


@dataclass
class Bar:
    """One day: how much people caused, and how much Annals by itself."""

    date: datetime.date
    place: int
    width: float
    scale: int
    people: int = 0
    system: int = 0

    @property
    def total(self) -> int:
        """Return how many entries the day has."""
        return self.people + self.system

    @property
    def x(self) -> str:
        """Return where it stands."""
        return f"{LEFT + self.place * self.width:.1f}"

    @property
    def middle(self) -> str:
        """Return where its date stands."""
        return f"{LEFT + (self.place + FILLED / 2) * self.width:.1f}"

    @property
    def wide(self) -> str:
        """Return how wide it is."""
        return f"{self.width * FILLED:.1f}"

    @property
    def label(self) -> str:
        """Return its date as it stands below."""
        if self.date == timezone.localdate():
            return _("Today")
        return date_format(self.date, pgettext("short date", "j M"))

    @property
    def boxes(self) -> list[tuple[str, str, str]]:
        """Return its parts from the ground up: class, top and height. Parts stand a hair apart."""
        room = (BASE - TOP) / self.scale
        people, system = self.people * room, self.system * room
        gap = 1 if people and system else 0
        boxes = [
            ("now" if self.date == timezone.localdate() else "", BASE - people, people),
            ("sys", BASE - people - gap - system, system),
        ]
        return [(kind, f"{top:.1f}", f"{high:.1f}") for kind, top, high in boxes if high]


@dataclass(frozen=True)
class Chart:
    """Entries per day. `ignores` tells that some filters are not part of it, `is_cut` that it shows
    the last of the days only. `kept` begins the query string that asks for one of its days.
    """

    bars: list[Bar]
    scale: int
    ignores: bool
    is_cut: bool
    kept: str
    lines: list[tuple[int, int]]

    @cached_property
    def total(self) -> int:
        """Return how many entries all days have."""
        return sum(bar.total for bar in self.bars)

    @property
    def ticks(self) -> list[Bar]:
        """Return the days whose date is written below: each seventh, and the last."""
        last = len(self.bars) - 1
        step = TICKS if last < 60 else 2 * TICKS
        return [
            b for b in self.bars if b.place == last or (b.place % step == 0 and last - b.place > 3)
        ]

    @property
    def summary(self) -> str:
        """Return the shape of it in one sentence, for those who do not see it."""
        first, last = (short(self.bars[place].date) for place in (0, -1))
        if not self.total:
            return _("Entries per day, %(first)s to %(last)s: none.") % {
                "first": first,
                "last": last,
            }
        peak = max(self.bars, key=lambda bar: bar.total)
        workdays = [bar.total for bar in self.bars if bar.date.weekday() < 5]
        weekends = [bar.total for bar in self.bars if bar.date.weekday() >= 5]
        return _(
            "Entries per day, %(first)s to %(last)s: %(total)s in all. Weekdays hold about"
            " %(workday)s, weekends about %(weekend)s. The peak is %(peak)s on %(day)s."
        ) % {
            "first": first,
            "last": last,
            "total": intcomma(self.total),
            "workday": round(sum(workdays) / len(workdays)) if workdays else 0,
            "weekend": round(sum(weekends) / len(weekends)) if weekends else 0,
            "peak": intcomma(peak.total),
            "day": short(peak.date),
        }

    @property
    def caption(self) -> str:
        """Return how much it counts, and over how long."""
        return ngettext(
            "%(total)s in %(days)s day", "%(total)s in %(days)s days", len(self.bars)
        ) % {
            "total": intcomma(self.total),
            "days": len(self.bars),
        }


def chart(filters: LogFilters) -> Chart:
    """Return the entries per day of the days asked for, in one query that reads no entry.

    It honours kinds and dates; persons, contacts, sources and words it does not know.
    """
    today = timezone.localdate()
    until = min(filters.until or today, max(today, filters.since or today))
    since = filters.since or until - datetime.timedelta(DAYS - 1)
    since = min(since, until)
    is_cut = (until - since).days >= DAYS_MAX
    if is_cut:
        since = until - datetime.timedelta(DAYS_MAX - 1)
    counts = _counts(filters, since, until)
    days = [since + datetime.timedelta(n) for n in range((until - since).days + 1)]
    totals = Counter[datetime.date]()
    for (day, _is_system), count in counts.items():
        totals[day] += count
    scale = _round_up(max(totals.values(), default=0))
    width = (WIDTH - LEFT) / len(days)
    bars = [
        Bar(day, place, width, scale, counts[day, False], counts[day, True])
        for place, day in enumerate(days)
    ]
    lines = [(TOP, scale), ((TOP + BASE) // 2, scale // 2), (BASE, 0)]
    kept = filters.without("from", "to")
    return Chart(bars, scale, filters.for_chart != filters, is_cut, kept and f"{kept}&", lines)


def _counts(
    filters: LogFilters, since: datetime.date, until: datetime.date
) -> Counter[tuple[datetime.date, bool]]:
    parameters: dict[str, Any] = {
        "zone": timezone.get_current_timezone_name(),
        "since": asked.midnight(since),
        "until": asked.midnight(until + datetime.timedelta(1)),
        "most": WAITING_MAX,
    }
    counts = Counter[tuple[datetime.date, bool]]()
    with connections[router.db_for_read(ActivityEvent)].cursor() as cursor:
        cursor.execute(_COUNTED, parameters)
        for day, verb, count in cursor.fetchall():
            is_seen = filters.sees_private or verb not in PRIVATE
            if is_seen and (not filters.verbs or verb in filters.verbs):
                kind = CATALOGUE.get(verb)
                counts[day, kind is None or kind.group == "system"] += count
    return counts


def _round_up(most: int) -> int:
    """Return an even number at or above, which people can halve."""
    magnitude = 1
    while most > 10 * magnitude:
        magnitude *= 10
    return next(step * magnitude for step in (2, 4, 6, 8, 10) if most <= step * magnitude)


def short(day: datetime.date) -> str:
    """Return a date as charts write it: 12 November."""
    return date_format(day, pgettext("date", "j F"))
