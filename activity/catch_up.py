"""What came to a contact's timeline since its reader last looked, in one sentence."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.humanize.templatetags.humanize import NaturalTimeFormatter, naturaltime
from django.db.models import Subquery
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activity.catalogue import ON_ROW
from activity.models import ActivityEvent, Seen
from activity.news import NEWS, field_names
from contacts.models import Contact
from contacts.models.composed import Composed

DAY = timedelta(days=1)
COUNTED = 200  # events that are read for the sentence
PARTS = 5  # of the sentence
NAMED = 3  # fields that are named; of more only how many


@dataclass(frozen=True)
class News:
    """What others did after the event up to which somebody had read, `at` that time."""

    event_id: int
    at: datetime
    events: Sequence[ActivityEvent]

    def __str__(self) -> str:
        """Return what came in words: "3 comments, phone changed and 1 invitation accepted"."""
        if len(self.events) > COUNTED:
            return _("more than %(count)d entries") % {"count": COUNTED}
        parts = list(self._parts())
        if len(parts) > PARTS:
            rest = sum(count for count, _words in parts[PARTS - 1 :])
            more = ngettext("%(count)d more entry", "%(count)d more entries", rest)
            parts[PARTS - 1 :] = [(rest, more % {"count": rest})]
        return get_text_list([words for _count, words in parts], _("and"))

    @property
    def ago(self) -> str:
        """Return how long ago the reader looked, in its largest unit: "3 days ago"."""
        if timezone.now() - self.at < DAY:
            return naturaltime(self.at)
        words = timesince(self.at, time_strings=NaturalTimeFormatter.past_substrings, depth=1)
        return NaturalTimeFormatter.time_strings["past-day"] % {"delta": words}

    def _parts(self) -> Iterator[tuple[int, str]]:
        """Yield how many events there are of a kind, and these in words; what people did first."""
        verbs = Counter(event.verb for event in self.events)
        for verb, words in NEWS.items():
            if count := verbs.pop(verb, 0):
                yield count, words % {"count": count}
        changes = [event for event in self.events if event.verb in verbs]
        fields = list(dict.fromkeys(name for event in changes for name in field_names(event)))
        if fields:
            yield sum(map(verbs.pop, {event.verb for event in changes})), _changed(fields)
        if other := sum(verbs.values()):
            yield other, ngettext("%(count)d entry", "%(count)d entries", other) % {"count": other}


def _changed(fields: Sequence[str]) -> str:
    count, names = len(fields), ", ".join(fields)
    if count > NAMED:
        words = ngettext("%(count)d field changed", "%(count)d fields changed", count)
    else:
        words = ngettext("%(names)s changed", "%(count)d fields changed (%(names)s)", count)
    return words % {"count": count, "names": names}


def _asked(user_id: Any, *contact_ids: Any) -> Any:
    """Return the query for the newest events of others since the user looked at the first one."""
    looks = Seen.objects.filter(user=user_id, contact=contact_ids[0])
    event_id, at = (Subquery(looks.values(name)) for name in ("event_id", "at"))
    events = ActivityEvent.objects.of(*contact_ids).filter(id__gt=event_id)
    events = events.exclude(actor_id=user_id).exclude(verb__in=ON_ROW)
    if len(contact_ids) > 1:
        events = events.told_once()
    shown = ("id", "verb", "object_type", "payload")
    return events.only(*shown).annotate(seen_id=event_id, seen_at=at)[: COUNTED + 1]


_query = Composed(_asked)


def since(user: Any, contact: Contact) -> News | None:
    """Return what others did with a contact since that user last looked, None where it is nothing.

    Who never looked has missed nothing. It takes one query.
    """
    events = _query.ask(user.pk, *contact.all_ids)
    return News(events[0].seen_id, events[0].seen_at, events) if events else None
