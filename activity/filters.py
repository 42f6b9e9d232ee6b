"""Which events of a timeline a reader wants to see, as said in the page's address."""

import datetime
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.lookups import Contains
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date

from activity.catalogue import CATALOGUE, GROUPS, ON_ROW
from contacts.models import Comment

# What of a payload people see: reasons, file names, labels of fields, and values, one by one.
_SHOWN = (
    '$.** ? (@.type() == "object").keyvalue() ? (@.key == "reason" || @.key == "file"'
    ' || @.key == "label" || @.key == "old" || @.key == "new").value[*]'
)


@dataclass(frozen=True)
class Filters:
    """What was asked for; anything that makes no sense was left out."""

    kinds: frozenset[str] = frozenset()
    group: str = ""
    actor: UUID | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None
    words: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """Return the filters of `?kind=&group=&actor=&from=&to=&q=`."""
        found: dict[str, Any] = {
            "kinds": frozenset(query.getlist("kind")) & CATALOGUE.keys(),
            "group": query.get("group", "") if query.get("group") in GROUPS else "",
            "actor": _uuid(query.get("actor", "")),
            "since": _date(query.get("from", "")),
            "until": _date(query.get("to", "")),
            "words": _text(query.get("q", "")),
        }
        return cls(**found)

    def __bool__(self) -> bool:
        """Tell whether anything is filtered at all."""
        return self != type(self)()

    def apply(self, events: QuerySet) -> QuerySet:
        """Return those of the events that the reader wants to see."""
        if self.kinds:
            events = events.filter(verb__in=self.kinds)
        else:
            events = events.exclude(verb__in=ON_ROW)
        if self.group:
            events = events.filter(verb__in=GROUPS[self.group])
        if self.actor:
            events = events.filter(actor_id=self.actor)
        if self.since:
            events = events.filter(occurred_at__gte=_midnight(self.since))
        if self.until:
            events = events.filter(occurred_at__lt=_midnight(self.until + datetime.timedelta(1)))
        if self.words:
            events = events.filter(_says(self.words))
        return events


def _says(words: str) -> Q:
    """Return what holds for the events whose row shows the words, whatever their case and accents.

    A comment is shown as it reads now: what it said before it was edited or deleted is not found.
    """
    told = Func(
        "payload",
        Value(_SHOWN),
        template="array_to_string(ARRAY(SELECT told #>> '{}' FROM"
        " jsonb_path_query(%(expressions)s::jsonpath) AS told), E'\\n')",
    )
    comments = Comment.objects.filter(pk=OuterRef("object_id"), deleted_at=None)
    return (
        Q(_has(KT("payload__actor"), words))
        | Q(_has(told, words), ~Q(verb="comment.added"))
        | Q(Exists(comments.filter(_has(F("body"), words))), verb="comment.added")
    )


def _has(text: Any, words: str) -> Any:
    folded = Func(text, function="annals_fold", output_field=TextField())
    return Contains(folded, Func(Value(words), function="annals_fold", output_field=TextField()))


def _text(typed: str) -> str:
    # What PostgreSQL can't hold in a text (NUL, half of a surrogate pair) is in no event.
    return typed.replace("\x00", "").encode("utf-8", "replace").decode().strip()[:200]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _date(text: str) -> datetime.date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day and 1900 < day.year < 9000 else None


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
