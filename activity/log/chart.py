"""How many entries there were on each day, and of which kinds."""

import datetime
from collections import Counter
from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activity.log.filters import GROUPS, LABELS, LogFilters
from activity.pictures.bars import Bars, Series, Stretch, short
from activity.pictures.tally import counted

DAYS = 30  # shown where no dates are asked for
DAYS_MAX = 92  # of a longer range the last ones are shown
# Groups of kinds from the ground up, each in the tone of its name. The last one also has what was
# retired since.
ORDER = ("people", "outreach", "change", "team", "system")


@dataclass(frozen=True)
class Chart:
    """Entries per day. `ignores` tells that some filters are not part of it, `is_cut` that it shows
    the last of the days only.
    """

    bars: Bars
    ignores: bool
    is_cut: bool

    @property
    def summary(self) -> str:
        """Return the shape of it in one sentence, for those who do not see it."""
        stretches = self.bars.stretches
        first, last = short(stretches[0].since), short(stretches[-1].since)
        if not self.bars.total:
            return _("Entries per day, %(first)s to %(last)s: none.") % {
                "first": first,
                "last": last,
            }
        peak = self.bars.peak
        workdays = [each.total for each in stretches if each.since.weekday() < 5]
        weekends = [each.total for each in stretches if each.since.weekday() >= 5]
        return _(
            "Entries per day, %(first)s to %(last)s: %(total)s in all. Weekdays hold about"
            " %(workday)s, weekends about %(weekend)s. The peak is %(peak)s on %(day)s."
        ) % {
            "first": first,
            "last": last,
            "total": intcomma(self.bars.total),
            "workday": round(sum(workdays) / len(workdays)) if workdays else 0,
            "weekend": round(sum(weekends) / len(weekends)) if weekends else 0,
            "peak": intcomma(peak.total),
            "day": short(peak.since),
        }

    @property
    def caption(self) -> str:
        """Return how much it counts, and over how long."""
        days = len(self.bars.stretches)
        return ngettext("%(total)s in %(days)s day", "%(total)s in %(days)s days", days) % {
            "total": intcomma(self.bars.total),
            "days": days,
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
    counts = counted(since, until, sees_private=filters.sees_private)
    return Chart(bars(filters, counts, since, until), filters.for_chart != filters, is_cut)


def bars(
    filters: LogFilters,
    counts: Counter[tuple[datetime.date, str]],
    since: datetime.date,
    until: datetime.date,
) -> Bars:
    """Return what was `counted` as bars, one for each day.

    Where a few kinds are asked for, each has a tone; otherwise each group of kinds has.
    """
    series, places = _few(filters) or _grouped(filters)
    totals = Counter[tuple[datetime.date, int]]()
    for (day, verb), count in counts.items():
        if not filters.verbs or verb in filters.verbs:
            totals[day, places.get(verb, len(series) - 1)] += count
    kept, stretches = filters.without("from", "to"), []
    for day in (since + datetime.timedelta(n) for n in range((until - since).days + 1)):
        query = "&".join(filter(None, (kept, f"from={day}", f"to={day}")))
        of_day = tuple(totals[day, place] for place in range(len(series)))
        stretches.append(Stretch(day, day, of_day, query))
    return Bars(series, stretches, reverse("activity_log"))


def _few(filters: LogFilters) -> tuple[list[Series], dict[str, int]] | None:
    """Return a series for each kind asked for, and which kind belongs to which."""
    kinds = [verb for verb in LABELS if verb in filters.kinds]
    if filters.groups or not 0 < len(kinds) <= len(ORDER):
        return None
    kept = filters.without("kind")
    series = [
        Series(LABELS[verb], tone, _narrowed(kept, "kind", verb, len(kinds)))
        for verb, tone in zip(kinds, ORDER, strict=False)
    ]
    return series, {verb: place for place, verb in enumerate(kinds)}


def _grouped(filters: LogFilters) -> tuple[list[Series], dict[str, int]]:
    """Return a series for each group with kinds that are asked for, and which kinds it has."""
    groups = {name: {kind.verb for kind in GROUPS[name][1]} for name in ORDER}
    if not filters.sees_private:
        del groups["team"]
    if filters.verbs:
        groups = {name: verbs for name, verbs in groups.items() if verbs & filters.verbs}
    kept = filters.without("kind", "group")
    series = [
        Series(GROUPS[name][0], name, _narrowed(kept, "group", name, len(groups)))
        for name in groups
    ]
    return series, {verb: n for n, verbs in enumerate(groups.values()) for verb in verbs}


def _narrowed(kept: str, name: str, value: str, choices: int) -> str:
    """Return the query string for one of the series; empty where there is no other."""
    return "&".join(filter(None, (kept, f"{name}={value}"))) if choices > 1 else ""
