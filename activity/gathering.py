"""Reads what stands on a page of a timeline: events in one query, and what is not in them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.postgres.fields import ArrayField
from django.db.models import IntegerField, Subquery, Value
from django.db.models.functions import Cast

from activity.catalogue import GROUPS
from activity.models import ActivityEvent
from contacts.models import Contact

# What rows are drawn from. The rest of an event is for its proof.
DRAWN = (
    *("id", "uid", "verb", "occurred_at", "actor_type", "actor_id", "object_type", "object_id"),
    *("contact_id", "payload", "erased_by"),
)


class Count(Subquery):
    """How many rows a query has, counted within another query."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


ALL_GROUPS = (frozenset[str](), *GROUPS.values())


def _counting(verbs: frozenset[str]) -> str:
    """Return what counts the events of these verbs, or all where there is none."""
    named = ", ".join(f"'{verb}'" for verb in sorted(verbs))
    return f"COUNT(*) FILTER (WHERE verb IN ({named}))" if verbs else "COUNT(*)"


class Tally(Subquery):
    """How many rows a query of events has in all and of each group, counted within another."""

    # The verbs are the catalogue's own.
    template = (
        f"(SELECT ARRAY[{', '.join(map(_counting, ALL_GROUPS))}] FROM (%(subquery)s) AS of_it)"  # noqa: S608
    )
    output_field = ArrayField(IntegerField())


@dataclass(frozen=True)
class Found:
    """What a query of several parts has found: {name: its events, newest first}, and counts."""

    rows: Mapping[str, list[ActivityEvent]]
    counted: int = 0
    tally: Sequence[int] | None = None

    def first(self, name: str) -> ActivityEvent | None:
        """Return the newest event of a part, None where it has none."""
        return next(iter(self.rows[name]), None)

    @property
    def newest(self) -> int:
        """Return the id of the newest event of all, 0 where there is none."""
        top = self.first("top") or self.first("page")
        return top.id if top else 0


def gather(rows: Iterable[ActivityEvent]) -> Found:
    """Read what was `joined`."""
    found: dict[str, list[ActivityEvent]] = defaultdict(list)
    for event in rows:
        found[event.part].append(event)
    for events in found.values():
        events.sort(key=lambda event: -event.id)
    told = next((event for events in found.values() for event in events if event.tally), None)
    if told is None:
        return Found(found)
    return Found(found, told.tally[0] if told.counted is None else told.counted, told.tally)


def joined(parts: Mapping[str, tuple[Any, int]], counted: Any = None, tallied: Any = None) -> Any:
    """Return one query for the first events of several: half as dear as one for each of them.

    `parts` is {name: (query, how many)}, of which the first always finds something. With it, the
    rows of the slice `tallied` are counted in all and by group, and those of `counted`, which are
    the same where it is left out.
    """
    no_count = Cast(Value(None), IntegerField())
    no_tally = Cast(Value(None), ArrayField(IntegerField()))
    counts: list[tuple[Any, Any]] = [(no_count, no_tally)] * len(parts)
    if tallied is not None:
        count = no_count if counted is None else Count(counted.values("pk"))
        counts[0] = (count, Tally(tallied.values("pk", "verb")))
    queries = [
        events.only(*DRAWN).annotate(part=Value(name), counted=count, tally=tally)[:limit]
        for (count, tally), (name, (events, limit)) in zip(counts, parts.items(), strict=True)
    ]
    first, *others = queries
    return first.union(*others, all=True) if others else first


def attach(
    events: Iterable[ActivityEvent], contact_id: Any = None, contact: Contact | None = None
) -> None:
    """Give the events what is not in them: living rows, and the names of erased actors.

    `contact_id` is whose timeline it is, `contact` that contact where it was read already. Events
    of contacts that were merged into it get theirs as `came_from`.
    """
    living: dict[Any, set[Any]] = defaultdict(set)
    owners = {contact_id}  # what is drawn depends on them, too
    for event in events:
        if event.kind.living:
            living[event.kind.living].add(event.object_id)
        if event.kind.living or contact_id:
            owners.add(event.contact_id)
    contacts = _contacts(owners if living else owners - {contact_id}, contact)
    rows = {model: model.for_timeline(ids) for model, ids in living.items()}
    for row in (row for found in rows.values() for row in found.values()):
        row.contact = contacts[row.contact_id]
    erased = {e.actor_id for e in events if e.is_erased and e.actor_id}
    names = get_user_model().objects.in_bulk(erased) if erased else {}
    for event in events:
        event.living = rows.get(event.kind.living, {}).get(event.object_id)
        event.came_from = contacts.get(event.contact_id) if event.contact_id != contact_id else None
        if event.is_erased and event.actor_id in names:
            event.actor_name = str(names[event.actor_id])


def _contacts(keys: set[Any], known: Contact | None) -> dict[Any, Contact]:
    found = {known.pk: known} if known else {}
    missing = keys - found.keys() - {None}
    return found | Contact.objects.for_timeline(missing) if missing else found
