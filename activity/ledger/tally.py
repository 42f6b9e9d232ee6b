"""Counts events while they are sealed, for the log's chart and to find a date's place in it."""

import datetime
from collections.abc import Iterable
from typing import Any

from django.db import connection

_HALF_HOUR = 30  # minutes

_ADD = """
INSERT INTO activity_tally AS tally (slot, verb, count, first_id, last_id)
SELECT * FROM unnest(%s::timestamptz[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[])
ON CONFLICT (slot, verb) DO UPDATE SET
    count = tally.count + excluded.count,
    first_id = least(tally.first_id, excluded.first_id),
    last_id = greatest(tally.last_id, excluded.last_id)
"""


def slot_of(moment: datetime.datetime) -> datetime.datetime:
    """Return the beginning of the half hour (UTC) in which a moment lies."""
    utc = moment.astimezone(datetime.UTC)
    return utc.replace(minute=utc.minute // _HALF_HOUR * _HALF_HOUR, second=0, microsecond=0)


def count(events: Iterable[Any]) -> None:
    """Add events that are being sealed; each has `event_id`, `verb` and `occurred_at`.

    Call it in the order of their ids, within the transaction that seals them.
    """
    slots: dict[tuple[datetime.datetime, str], list[int]] = {}
    for event in events:
        key = (slot_of(event.occurred_at), event.verb)
        row = slots.setdefault(key, [0, event.event_id, event.event_id])
        row[0] += 1
        row[2] = event.event_id
    columns = [(*key, *row) for key, row in slots.items()]
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [list(column) for column in zip(*columns, strict=True)])
