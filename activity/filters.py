"""Which events of a timeline a reader wants to see, as said in the page's address."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.lookups import Contains
from django.http import QueryDict

from activity import asked
from activity.catalogue import CATALOGUE, GROUPS, ON_ROW
from contacts.models import Comment

# What of a payload people see: reasons, file names, labels of fields, and values, one by one.
SHOWN = ("reason", "file", "label", "old", "new")


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
            "actor": asked.uuid(query.get("actor", "")),
            "since": asked.day(query.get("from", "")),
            "until": asked.day(query.get("to", "")),
            "words": asked.words(query.get("q", "")),
        }
        return cls(**found)

    def __bool__(self) -> bool:
        """Tell whether anything is filtered at all."""
        return self != type(self)()

    def apply(self, events: QuerySet) -> QuerySet:
        """Return those of the events that the reader wants to see."""
        events = self.of_kinds(events)
        if self.group:
            events = events.filter(verb__in=GROUPS[self.group])
        if self.actor:
            events = events.filter(actor_id=self.actor)
        if self.since:
            events = events.filter(occurred_at__gte=asked.midnight(self.since))
        if self.until:
            events = events.filter(
                occurred_at__lt=asked.midnight(self.until + datetime.timedelta(1))
            )
        if self.words:
            events = events.filter(self.says())
        return events

    def of_kinds(self, events: QuerySet) -> QuerySet:
        """Return the events of the kinds asked for; by default of all that have a row."""
        if self.kinds:
            return events.filter(verb__in=self.kinds)
        return events.exclude(verb__in=ON_ROW)

    def says(self) -> Q:
        """Return what holds for events whose row shows the words, whatever case and accents.

        A comment is shown as it reads now: what it said before it was edited or deleted is not
        found.
        """
        comments = Comment.objects.filter(pk=OuterRef("object_id"), deleted_at=None)
        return (
            Q(has(KT("payload__actor"), self.words))
            | Q(has(told(SHOWN), self.words), ~Q(object_type="comment"))
            | Q(Exists(comments.filter(has(F("body"), self.words))), object_type="comment")
        )


def told(keys: Iterable[str]) -> Func:
    """Return the values of these keys, wherever in a payload they stand, as lines of one text."""
    named = " || ".join(f'@.key == "{key}"' for key in keys)
    return Func(
        "payload",
        Value(f'$.** ? (@.type() == "object").keyvalue() ? ({named}).value[*]'),
        template="array_to_string(ARRAY(SELECT told #>> '{}' FROM"
        " jsonb_path_query(%(expressions)s::jsonpath) AS told), E'\\n')",
    )


def has(text: Any, words: str) -> Any:
    """Return the condition that a text has the words in it, whatever their case and accents."""
    folded = Func(text, function="annals_fold", output_field=TextField())
    return Contains(folded, Func(Value(words), function="annals_fold", output_field=TextField()))
