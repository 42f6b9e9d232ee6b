"""What the team did today, and in the days before."""

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.log import LogFilters
from activity.log.chart import bars
from activity.log.finding import numbers
from activity.models import ActivityEvent
from activity.pictures.bars import Bars
from activity.pictures.tally import counted
from contacts.attention import NAMES
from contacts.models import Contact

DAYS = 14
LATEST = 12  # entries listed
# What people ask about first: its name, icon and kinds.
NUMBERS: Sequence[tuple[str | Promise, str, tuple[str, ...]]] = (
    (gettext_lazy("Comments"), "message-square", ("comment.added",)),
    (gettext_lazy("Messages"), "mail", ("message.queued",)),
    (gettext_lazy("Replies"), "reply", ("message.received",)),
    (gettext_lazy("Field changes"), "pencil", ("contact.updated", "value.restored")),
    (gettext_lazy("Contacts added"), "plus", ("contact.created", "contact.imported")),
    (gettext_lazy("Invitations accepted"), "user-check", ("invitation.accepted",)),
)


@dataclass(frozen=True)
class Number:
    """How much of something there was today; `query` asks the log for it."""

    label: str | Promise
    icon: str
    count: int
    query: str


@dataclass(frozen=True)
class Today:
    """The days up to today as somebody of the team may see them."""

    filters: LogFilters
    counts: Counter[tuple[datetime.date, str]]
    date: datetime.date

    @classmethod
    def of(cls, user: Any) -> "Today":
        """Count the entries of the last days by kind, in one query that reads no entry."""
        sees_private = user.has_perm("activity.view_activityevent")
        today = timezone.localdate()
        since = today - datetime.timedelta(DAYS - 1)
        counts = counted(since, today, sees_private=sees_private)
        return cls(LogFilters(sees_private=sees_private), counts, today)

    @property
    def numbers(self) -> list[Number]:
        """Return what there was today of what people ask about first."""
        day = f"from={self.date}&to={self.date}"
        return [
            Number(
                label,
                icon,
                sum(self.counts[self.date, verb] for verb in verbs),
                "&".join([*(f"kind={verb}" for verb in verbs), day]),
            )
            for label, icon, verbs in NUMBERS
        ]

    @cached_property
    def bars(self) -> Bars:
        """Return the days by kind."""
        since = self.date - datetime.timedelta(DAYS - 1)
        return bars(self.filters, self.counts, since, self.date)

    @property
    def summary(self) -> str:
        """Return the shape of it in one sentence, for those who do not see it."""
        return _("Entries in the last 14 days: %(total)s in all, %(today)s of them today.") % {
            "total": intcomma(self.bars.total),
            "today": intcomma(self.bars.stretches[-1].total),
        }


def latest() -> list[ActivityEvent]:
    """Return what people did last with contacts that are still there, in three queries."""
    found = numbers(LogFilters(groups=frozenset({"people", "outreach"})), LATEST)
    events = list(ActivityEvent.objects.filter(id__in=found, payload__isnull=False).order_by("-id"))
    contacts = Contact.objects.only(*NAMES).in_bulk({each.contact_id for each in events})
    for event in events:
        event.contact = contacts.get(event.contact_id)
    return [event for event in events if event.contact]
