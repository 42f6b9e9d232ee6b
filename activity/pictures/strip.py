"""The last twelve weeks of a contact: how much people did, and how much was changed."""

import datetime
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import connections, router
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from activity import asked
from activity.catalogue import GROUPS, ON_ROW
from activity.models import ActivityEvent
from activity.pictures.bars import Bars, Series, Stretch
from contacts.models import Contact

WEEKS = 12
COUNTED = 10_000  # beyond this, "10,000+": of a contact, the newest so many events are counted
HIGH = 40  # pixels

# Numbers grow with time: what was sealed on the first of the days tells where to begin.
_OF_CONTACT = """
SELECT (occurred_at AT TIME ZONE %(zone)s)::date AS day, verb = ANY(%(people)s), count(*) FROM (
    SELECT event.occurred_at, event.verb FROM unnest(%(contacts)s::uuid[]) AS contact (id)
    CROSS JOIN LATERAL (
        SELECT occurred_at, verb FROM activity_event
        WHERE contact_id = contact.id AND occurred_at >= %(since)s AND verb <> ALL(%(unseen)s)
            AND (verb <> 'contact.merged' OR (payload ? 'into') IS NOT TRUE)
            AND id >= (
                SELECT coalesce(min(first_id), 0) FROM activity_tally
                WHERE slot > %(since)s - interval '30 minutes'
                    AND slot < %(since)s + interval '1 day'
            )
        ORDER BY id DESC LIMIT %(most)s
    ) AS event
) AS newest GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Strip:
    """A contact's weeks as bars. `is_cut`: there is more than was counted."""

    bars: Bars
    is_cut: bool

    @property
    def caption(self) -> str:
        """Return how much there is."""
        if self.is_cut:
            return _("%(total)s+ entries") % {"total": intcomma(COUNTED)}
        total = self.bars.total
        return ngettext("%(total)s entry", "%(total)s entries", total) % {"total": intcomma(total)}

    @property
    def summary(self) -> str:
        """Return the shape of it in one sentence, for those who do not see it."""
        if not self.bars.total:
            return _("Entries in the last 12 weeks: none.")
        return _(
            "Entries in the last 12 weeks: %(total)s in all. The peak is %(peak)s, %(days)s."
        ) % {
            "total": intcomma(self.bars.total),
            "peak": intcomma(self.bars.peak.total),
            "days": self.bars.peak.name,
        }


def strip(contact: Contact) -> Strip:
    """Return a contact's last weeks, each as long as the one that ends today, in one query.

    It counts what has a row on the timeline, of contacts that were merged into it as well.
    """
    today = timezone.localdate()
    first = today - datetime.timedelta(7 * WEEKS - 1)
    counts = _counted(contact, first)
    stretches = []
    for number in range(WEEKS):
        since = first + datetime.timedelta(7 * number)
        until = since + datetime.timedelta(6)
        of_week = tuple(counts[number, by_people] for by_people in (True, False))
        stretches.append(Stretch(since, until, of_week, f"from={since}&to={until}"))
    series = [
        Series(gettext_lazy("People"), "people"),
        Series(gettext_lazy("Changes"), "change"),
    ]
    return Strip(
        Bars(series, stretches, contact.get_absolute_url(), HIGH, bare=True),
        counts.total() > COUNTED,
    )


def _counted(contact: Contact, first: datetime.date) -> Counter[tuple[int, bool]]:
    """Return {(week, whether people did it): how many events}."""
    parameters: dict[str, Any] = {
        "zone": timezone.get_current_timezone_name(),
        "people": sorted(GROUPS["people"]),
        "unseen": sorted(ON_ROW),
        "contacts": contact.all_ids,
        "since": asked.midnight(first),
        "most": COUNTED + 1,
    }
    counts = Counter[tuple[int, bool]]()
    with connections[router.db_for_read(ActivityEvent)].cursor() as cursor:
        cursor.execute(_OF_CONTACT, parameters)
        for day, by_people, count in cursor.fetchall():
            counts[(day - first).days // 7, by_people] += count
    return counts
