"""Reads what stands on a page of a timeline: events in one query, and what is not in them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import IntegerField, Subquery, Value

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


def gather(rows: Iterable[ActivityEvent]) -> tuple[dict[str, list[ActivityEvent]], int]:
    """Read what was `joined`.

    Returns {name: its events, newest first} and the count, 0 where the first part found nothing.
    """
    found: dict[str, list[ActivityEvent]] = defaultdict(list)
    total = 0
    for event in rows:
        found[event.part].append(event)
        total = max(total, event.counted)
    for events in found.values():
        events.sort(key=lambda event: -event.id)
    return found, total


def joined(parts: Mapping[str, tuple[Any, int]], counted: Any = None) -> Any:
    """Return one query for the first events of several: half as dear as one for each of them.

    `parts` is {name: (query, how many)}, `counted` a slice whose rows are counted with the first
    of them.
    """
    counts: list[Any] = [Value(0)] * len(parts)
    if counted is not None:
        counts[0] = Count(counted.values("pk"))
    queries = [
        events.only(*DRAWN).annotate(part=Value(name), counted=count)[:limit]
        for count, (name, (events, limit)) in zip(counts, parts.items(), strict=True)
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
