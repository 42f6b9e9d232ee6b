"""Counts events while they are sealed, for the log's chart and to find a date's place in it."""

import datetime
from collections.abc import Iterable
from typing import Any

import orjson
from django.db import connection

_HALF_HOUR = 30  # minutes

_ADD = """
INSERT INTO activity_tally AS tally (slot, verb, count, first_id, last_id)
SELECT * FROM json_to_recordset(%s)
    AS added (slot timestamptz, verb text, count bigint, first_id bigint, last_id bigint)
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
    rows: dict[tuple[datetime.datetime, str], dict[str, Any]] = {}
    for event in events:
        slot, verb, number = slot_of(event.occurred_at), event.verb, event.event_id
        new = {"slot": slot, "verb": verb, "count": 0, "first_id": number, "last_id": number}
        row = rows.setdefault((slot, verb), new)
        row["count"] += 1
        row["last_id"] = number
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [orjson.dumps(list(rows.values())).decode()])
