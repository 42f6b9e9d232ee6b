"""Which events of a timeline a reader wants to see, as said in the page's address."""

import datetime
from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict

from activity import asked, saying
from activity.catalogue import CATALOGUE, GROUPS, ON_ROW

EVERYTHING = "all"  # asks for no group, where otherwise the one chosen last would be shown


@dataclass(frozen=True)
class Filters:
    """What was asked for; anything that makes no sense was left out.

    `own` is a user whose events are shown whatever group was asked for.
    """

    kinds: frozenset[str] = frozenset()
    group: str = ""
    actor: UUID | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None
    words: str = ""
    own: UUID | None = None

    @classmethod
    def read(cls, query: QueryDict, choice: str = "") -> Self:
        """Return the filters of `?kind=&group=&actor=&from=&to=&q=`.

        `choice` is the group that is shown where the address asks for nothing.
        """
        found: dict[str, Any] = {
            "kinds": frozenset(query.getlist("kind")).intersection(CATALOGUE),
            "group": query.get("group", "") if query.get("group") in GROUPS else "",
            "actor": asked.uuid(query.get("actor", "")),
            "since": asked.day(query.get("from", "")),
            "until": asked.day(query.get("to", "")),
            "words": asked.words(query.get("q", "")),
        }
        filters = cls(**found)
        if not filters and choice in GROUPS and query.get("group") != EVERYTHING:
            return cls(group=choice)
        return filters

    def __bool__(self) -> bool:
        """Tell whether anything is filtered at all."""
        return self != type(self)()

    @property
    def is_group_alone(self) -> bool:
        """Tell whether at most a group is asked for, and nobody's own events beside it."""
        return self == type(self)(group=self.group)

    @property
    def of_all_groups(self) -> Self:
        """Return the same filters without the group."""
        return replace(self, group="")

    def without(self, name: str, verb: str | None = None) -> Self:
        """Return the same without the `words`, the `actor`, the `dates`, or one of the `kinds`."""
        without: dict[str, dict[str, Any]] = {
            "words": {"words": ""},
            "actor": {"actor": None},
            "dates": {"since": None, "until": None},
            "kinds": {"kinds": self.kinds - {verb}},
        }
        return replace(self, **without[name])

    def pairs(self) -> list[tuple[str, str]]:
        """Return what an address says to ask for the same."""
        said = [
            *(("kind", verb) for verb in sorted(self.kinds)),
            ("group", self.group),
            ("actor", str(self.actor or "")),
            ("from", self.since.isoformat() if self.since else ""),
            ("to", self.until.isoformat() if self.until else ""),
            ("q", self.words),
        ]
        return [(name, value) for name, value in said if value]

    def query(self, choice: str = "", **place: Any) -> str:
        """Return the query string that asks for the same, at that place (`before`, `at`, `day`).

        `choice` is the group that the reader would be shown without it.
        """
        pairs = self.pairs() or ([("group", EVERYTHING)] if choice else [])
        return urlencode([*pairs, *((name, str(value)) for name, value in place.items())])

    def apply(self, events: QuerySet) -> QuerySet:
        """Return those of the events that the reader wants to see."""
        events = self.of_kinds(events)
        if self.group:
            in_group = Q(verb__in=GROUPS[self.group])
            events = events.filter(in_group | Q(actor_id=self.own) if self.own else in_group)
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
        """Return what holds for events whose row shows the words."""
        return saying.says(self.words)
