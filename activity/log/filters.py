"""Which entries of the log a reader wants to see, as said in the page's address."""

import datetime
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from activity import asked
from activity.catalogue import KINDS, PRIVATE
from activity.log.words import Words
from contacts.models import Contact

# Through what something was done, as people call it.
SOURCES = {
    "web": _("Web"),
    "admin": _("Administration"),
    "api": _("API"),
    "import": _("Import"),
    "bulk": _("Bulk action"),
    "task": _("Task"),
    "command": _("Command"),
    "system": _("System"),
}
# Each kind stands in exactly one group: what is private is about the team, whoever causes it.
GROUPS = {
    name: (label, tuple(kind for kind in KINDS if name == ("team" if kind.private else kind.group)))
    for name, label in (
        ("people", _("Contacts and comments")),
        ("change", _("Field changes")),
        ("outreach", _("Messages, invitations and shares")),
        ("system", _("Annals itself")),
        ("team", _("Team and settings")),
    )
}
LABELS = {kind.verb: kind.title or kind.label for kind in KINDS}


@dataclass(frozen=True)
class LogFilters:
    """What was asked for; anything that makes no sense was left out.

    `sees_private`: the reader may see what is about the team and the deployment. It is a right,
    not a wish, and no part of the address.
    """

    kinds: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    actor: UUID | None = None
    contact: UUID | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None
    source: str = ""
    words: str = ""
    sees_private: bool = False

    @classmethod
    def read(cls, query: QueryDict, viewer: Any) -> Self:
        """Return `?kind=&group=&actor=&contact=&from=&to=&source=&q=` as this viewer may ask it.

        Kinds and groups can be repeated and add up.
        """
        sees_private = viewer.has_perm("activity.view_activityevent")
        known = LABELS.keys() if sees_private else LABELS.keys() - PRIVATE
        groups = GROUPS.keys() if sees_private else GROUPS.keys() - {"team"}
        source = query.get("source", "")
        return cls(
            kinds=frozenset(query.getlist("kind")) & known,
            groups=frozenset(query.getlist("group")) & groups,
            actor=asked.uuid(query.get("actor", "")),
            contact=asked.uuid(query.get("contact", "")),
            since=asked.day(query.get("from", "")),
            until=asked.day(query.get("to", "")),
            source=source if source in SOURCES else "",
            words=asked.words(query.get("q", "")),
            sees_private=sees_private,
        )

    def __bool__(self) -> bool:
        """Tell whether anything is filtered at all."""
        return bool(self.pairs)

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """Return what stands in the address, one (name, value) for each thing asked for."""
        single = {
            "actor": self.actor,
            "contact": self.contact,
            "from": self.since,
            "to": self.until,
            "source": self.source,
            "q": self.words,
        }
        return [
            *(("group", name) for name in GROUPS if name in self.groups),
            *(("kind", verb) for verb in LABELS if verb in self.kinds),
            *((name, str(value)) for name, value in single.items() if value),
        ]

    @property
    def query(self) -> str:
        """Return the query string that asks for the same again."""
        return urlencode(self.pairs)

    def without(self, *names: str, value: str = "") -> str:
        """Return the query string less these names; with `value`, less only that one of them."""
        gone = [(name, each) for name, each in self.pairs if name in names and value in ("", each)]
        return urlencode([pair for pair in self.pairs if pair not in gone])

    @cached_property
    def verbs(self) -> frozenset[str]:
        """Return the verbs of the kinds and groups asked for; empty for all."""
        grouped = (kind.verb for name in self.groups for kind in GROUPS[name][1])
        return self.kinds.union(grouped)

    @cached_property
    def contact_ids(self) -> list[UUID]:
        """Return the id of the contact asked for and those of what lives on in it, in one query."""
        found = Contact.objects.filter(pk=self.contact).values_list("merged_ids", flat=True)
        return [self.contact, *(found.first() or ())] if self.contact else []

    @property
    def for_chart(self) -> Self:
        """Return what of it the chart can count: kinds and dates."""
        return replace(self, actor=None, contact=None, source="", words="")

    def apply(self, events: QuerySet, *, indexed: bool = True) -> QuerySet:
        """Return those of the events that were asked for and may be seen.

        Without `indexed` words are looked for row by row: for a few rows chosen otherwise.
        """
        events = events.filter(self.conditions)
        if self.words:
            events = events.filter(Words.find(self.words).conditions(indexed=indexed))
        return events

    @property
    def conditions(self) -> Q:
        """Return what holds for these entries, but for the words."""
        found = Q(verb__in=sorted(self.verbs)) if self.verbs else Q()
        if not self.sees_private:
            found &= ~Q(verb__in=sorted(PRIVATE))
        if self.actor:
            found &= Q(actor_id=self.actor)
        if self.contact:
            found &= Q(contact_id__in=self.contact_ids)
        if self.source:
            found &= Q(channel=self.source)
        since, until = self.moments
        if since:
            found &= Q(occurred_at__gte=since)
        if until:
            found &= Q(occurred_at__lt=until)
        return found

    @property
    def moments(self) -> tuple[datetime.datetime | None, datetime.datetime | None]:
        """Return when the days asked for begin, and when they are over."""
        since = asked.midnight(self.since) if self.since else None
        until = asked.midnight(self.until + datetime.timedelta(1)) if self.until else None
        return since, until
