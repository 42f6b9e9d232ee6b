"""Stacked bars over time, as SVG: where each stands, in percent across and in pixels upwards.

So a drawing fits a column of any width without its letters being scaled. Time runs as the language
is read.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_bidi, pgettext
from django.utils.translation import gettext as _

TOP = 8  # pixels above the highest bar, so that half of its number fits
DATES = 22  # pixels below the bars
FILLED = 0.68  # of the room of a bar
LEAST = 1.5  # pixels: what there is can be seen
TICKS = 5  # dates below, at most, beside the last


@dataclass(frozen=True)
class Series:
    """What one tone of a drawing stands for.

    `tone` is a class of static/css/chart.css. `query` asks the page for nothing but that.
    """

    label: str | Promise
    tone: str
    query: str = ""


@dataclass(frozen=True)
class Stretch:
    """A day, or several from `since` to `until`: how much it has of each series.

    `query` asks for what happened then.
    """

    since: datetime.date
    until: datetime.date
    counts: tuple[int, ...]
    query: str = ""

    @property
    def total(self) -> int:
        """Return how much it has in all."""
        return sum(self.counts)

    @property
    def is_now(self) -> bool:
        """Tell whether it goes on."""
        return self.since <= timezone.localdate() <= self.until

    @property
    def label(self) -> str:
        """Return its date as it stands below the bar."""
        if self.until == timezone.localdate() == self.since:
            return _("Today")
        return date_format(self.since, pgettext("short date", "j M"))

    @property
    def name(self) -> str:
        """Return its date, or its dates, in full."""
        if self.since == self.until:
            return date_format(self.since, pgettext("date", "D j F Y"))
        return _("%(first)s to %(last)s") % {"first": short(self.since), "last": short(self.until)}


@dataclass(frozen=True)
class Column:
    """A stretch as it is drawn: `boxes` are tone, top and height of its parts."""

    stretch: Stretch
    room: str
    width: str
    left: str
    x: str
    middle: str
    boxes: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Bars:
    """A drawing: its series from the ground up, its stretches from the oldest to the newest.

    `address` is the page that the queries of series and stretches are for, if there is one. A
    `bare` one is small and has neither dates nor a scale.
    """

    series: Sequence[Series]
    stretches: Sequence[Stretch]
    address: str = ""
    high: int = 88  # pixels
    bare: bool = False

    @cached_property
    def total(self) -> int:
        """Return how much all stretches have."""
        return sum(stretch.total for stretch in self.stretches)

    @cached_property
    def legend(self) -> list[tuple[Series, int]]:
        """Return each series and how much there is of it."""
        sums = [sum(stretch.counts[n] for stretch in self.stretches) for n in self._range]
        return list(zip(self.series, sums, strict=True))

    @cached_property
    def scale(self) -> int:
        """Return what the top of it stands for."""
        most = max((stretch.total for stretch in self.stretches), default=0)
        return most if self.bare else _round_up(most)

    @property
    def base(self) -> int:
        """Return where the bars stand."""
        return TOP + self.high

    @property
    def height(self) -> int:
        """Return how high it is with its dates, in pixels."""
        return self.base if self.bare else self.base + DATES

    @property
    def lines(self) -> list[tuple[float, int]]:
        """Return the lines across: where, and what they stand for."""
        return [(TOP, self.scale), (TOP + self.high / 2, self.scale // 2), (self.base, 0)]

    @property
    def is_mirrored(self) -> bool:
        """Tell whether time runs from right to left."""
        return get_language_bidi()

    @cached_property
    def columns(self) -> list[Column]:
        """Return the stretches as they are drawn."""
        room, last = 100 / len(self.stretches), len(self.stretches) - 1
        columns = []
        for place, stretch in enumerate(self.stretches):
            left = room * (last - place if self.is_mirrored else place)
            column = Column(
                stretch,
                room=f"{room:.2f}%",
                width=f"{room * FILLED:.2f}%",
                left=f"{left:.2f}%",
                x=f"{left + room * (1 - FILLED) / 2:.2f}%",
                middle=f"{left + room / 2:.2f}%",
                boxes=self._boxes(stretch),
            )
            columns.append(column)
        return columns

    @property
    def parts(self) -> SafeString:
        """Return the parts of all bars as SVG."""
        return mark_safe(  # noqa: S308 - numbers, and classes of our own
            "".join(
                f'<rect class="{tone}" x="{column.x}" y="{top}" width="{column.width}"'
                f' height="{high}" rx="1.5"/>'
                for column in self.columns
                for tone, top, high in column.boxes
            )
        )

    @property
    def links(self) -> SafeString:
        """Return a link over each bar, as SVG, for pointers: the table has the same for others."""
        return format_html_join(
            "",
            '<a href="{}?{}" tabindex="-1"><title>{}</title>'
            '<rect x="{}" y="0" width="{}" height="{}"/></a>',
            (
                (self.address, each.stretch.query, self._told(each.stretch), each.left, each.room,
                 self.base)
                for each in self.columns
            ),
        )  # fmt: skip

    @property
    def ticks(self) -> list[Column]:
        """Return the columns whose date is written below: the last, and some before it."""
        last = len(self.columns) - 1
        step = next(days for days in (1, 2, 3, 7, 14, 28) if last <= days * TICKS)
        return [each for place, each in enumerate(self.columns) if (last - place) % step == 0]

    @property
    def rows(self) -> list[Stretch]:
        """Return the stretches as its table lists them, the newest first."""
        return list(reversed(self.stretches))

    @property
    def peak(self) -> Stretch:
        """Return the stretch that has most."""
        return max(self.stretches, key=lambda stretch: stretch.total)

    @property
    def _range(self) -> range:
        return range(len(self.series))

    def _told(self, stretch: Stretch) -> str:
        """Return what a stretch has, in lines."""
        counts = zip(self.series, stretch.counts, strict=True)
        lines = [f"{series.label} {intcomma(count)}" for series, count in counts if count]
        return "\n".join([stretch.name, *lines])

    def _boxes(self, stretch: Stretch) -> list[tuple[str, str, str]]:
        """Return the parts of a bar from the ground up. They stand a hair apart."""
        boxes, ground = [], float(self.base)
        for series, count in zip(self.series, stretch.counts, strict=True):
            if count:
                high = max(count * self.high / self.scale, LEAST)
                boxes.append((series.tone, f"{ground - high:.1f}", f"{high:.1f}"))
                ground -= high + 1
        return boxes


def short(day: datetime.date) -> str:
    """Return a date as charts write it: 12 November."""
    return date_format(day, pgettext("date", "j F"))


def _round_up(most: int) -> int:
    """Return an even number at or above, which people can halve."""
    magnitude = 1
    while most > 10 * magnitude:
        magnitude *= 10
    return next(step * magnitude for step in (2, 4, 6, 8, 10) if most <= step * magnitude)
