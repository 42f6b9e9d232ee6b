"""Reads what is exported, in the order in which it was written down, some at a time."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Max, OuterRef, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat, JSONObject

from activity.log import LogFilters
from activity.log.spans import spans
from activity.models import ActivityEvent, ActivityOrigin, Leaf

BATCH = 5_000  # events read at a time: some 5 MB


class Record(NamedTuple):
    """What an export says of an event; ids are text already, times are in UTC.

    `payload` and `client` are JSON as text, None where erased or where there is none. `client` is
    the address and browser that the event came from. `leaf` is where it is sealed, "epoch/index".
    """

    number: int
    verb: str
    version: int
    occurred: datetime
    recorded: datetime
    actor_type: str
    object_type: str
    source: str
    uid: str
    actor: str | None
    object: str | None
    contact: str | None
    origin: str
    payload: str | None
    commitment: bytes
    erased_by: int | None
    leaf: str | None
    client: str | None


def batches(
    filters: LogFilters, *, after: int = 0, upto: int, with_client: bool
) -> Iterator[list[Record]]:
    """Yield the events whose numbers lie above `after` and not above `upto`, oldest first.

    Each batch is a query of its own that begins where the last one ended, so that the first comes
    as fast as the last, nothing is held open in the database, and memory stays as it is.
    """
    for events in _stretches(filters, after, upto):
        rows, last = _rows(events, with_client), after
        while batch := [Record._make(row) for row in rows.filter(id__gt=last)[:BATCH]]:
            yield batch
            last = batch[-1].number


def count(filters: LogFilters, upto: int, most: int | None = None) -> int:
    """Return how many events there are whose numbers are not above `upto`.

    With `most`, it stops counting there within each of the few stretches they lie in.
    """
    return sum(events[:most].count() for events in _stretches(filters, 0, upto))


def newest() -> int:
    """Return the number of the newest event, 0 where there is none."""
    return ActivityEvent.objects.aggregate(newest=Max("id"))["newest"] or 0


def _stretches(filters: LogFilters, after: int, upto: int) -> Iterator[QuerySet]:
    """Yield the events by the few ranges of numbers that those of its dates lie in."""
    events = filters.apply(ActivityEvent.objects.order_by())
    for low, high in sorted(spans(filters.since, filters.until)):
        yield events.filter(id__gt=max(after, low - 1), id__lte=min(high, upto))


def _rows(events: QuerySet, with_client: bool) -> QuerySet:
    leaf = Leaf.objects.filter(event_id=OuterRef("id"))
    place = Concat("epoch", Value("/"), "index", output_field=TextField())
    origin = ActivityOrigin.objects.filter(id=OuterRef("origin_id"), address__isnull=False)
    client = Cast(JSONObject(address="address", browser="user_agent"), TextField())
    none: Any = Value(None, TextField())
    texts = ("uid", "actor_id", "object_id", "contact_id", "origin_id", "payload")
    return (
        events.order_by("id")
        .annotate(
            **{f"{name}_text": Cast(name, TextField()) for name in texts},
            leaf=Subquery(leaf.annotate(place=place).values("place")),
            client=Subquery(origin.annotate(told=client).values("told")) if with_client else none,
        )
        .values_list(
            *("id", "verb", "version", "occurred_at", "recorded_at"),
            *("actor_type", "object_type", "channel", *(f"{name}_text" for name in texts)),
            *("commitment", "erased_by", "leaf", "client"),
        )
    )
