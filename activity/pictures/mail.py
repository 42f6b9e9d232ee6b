"""What became of the mails of the last days."""

import datetime
from collections import Counter
from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Count
from django.db.models.functions import TruncDate
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from activity import asked
from activity.pictures.bars import Bars, Series, Stretch
from contacts.models import Delivery

DAYS = 30
# What people see of a mail's state, from the ground up. One that was taken back never left.
STATES = {
    "sent": (gettext_lazy("Sent"), ("sent",)),
    "waiting": (gettext_lazy("Waiting"), ("queued", "sending")),
    "uncertain": (gettext_lazy("Perhaps sent"), ("uncertain",)),
    "failed": (gettext_lazy("Not sent"), ("failed",)),
    "bounced": (gettext_lazy("Bounced"), ("bounced",)),
}
LOST = ("uncertain", "failed", "bounced")


@dataclass(frozen=True)
class Mail:
    """The mails of each day by their present state."""

    bars: Bars

    @property
    def caption(self) -> str:
        """Return how many there are, and over how long."""
        total = self.bars.total
        return ngettext("%(total)s mail in 30 days", "%(total)s mails in 30 days", total) % {
            "total": intcomma(total)
        }

    @property
    def lost(self) -> int:
        """Return how many did not arrive, as far as anybody knows."""
        return sum(count for series, count in self.bars.legend if series.tone in LOST)

    @property
    def summary(self) -> str:
        """Return the shape of it in one sentence, for those who do not see it."""
        if not self.bars.total:
            return _("Mails in the last 30 days: none.")
        return _(
            "Mails in the last 30 days: %(total)s in all, of which %(lost)s did not arrive or"
            " perhaps did not."
        ) % {"total": intcomma(self.bars.total), "lost": intcomma(self.lost)}


def mail() -> Mail:
    """Return the mails of the last days, in one query that reads an index alone."""
    today = timezone.localdate()
    first = today - datetime.timedelta(DAYS - 1)
    rows = Delivery.objects.filter(created_at__gte=asked.midnight(first))
    days = rows.order_by().annotate(day=TruncDate("created_at"))
    found = days.values_list("day", "state").annotate(count=Count("*"))
    counts = Counter({(day, state): count for day, state, count in found})
    stretches = []
    for day in (first + datetime.timedelta(n) for n in range(DAYS)):
        of_day = tuple(sum(counts[day, state] for state in each) for _l, each in STATES.values())
        stretches.append(Stretch(day, day, of_day, f"group=outreach&from={day}&to={day}"))
    series = [Series(label, name) for name, (label, _states) in STATES.items()]
    return Mail(Bars(series, stretches, reverse("activity_log")))
