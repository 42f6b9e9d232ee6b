"""Turns a range of dates into ranges of entry numbers, without reading the log."""

import datetime

from django.db import connections, router

from activity import asked
from activity.models import ActivityEvent

NEWEST = 2**63 - 1

Span = tuple[int, int]  # the first and the last number

# What is sealed was counted by half hours, and each count knows between which numbers its entries
# lie. What waits may be of any time.
_SPANS = """
SELECT min(first_id), max(last_id), (SELECT min(event_id) FROM activity_pending)
FROM activity_tally WHERE slot > %s AND slot < %s
"""
_HALF_HOUR = datetime.timedelta(minutes=30)
_EVER = (
    datetime.datetime(1900, 1, 1, tzinfo=datetime.UTC),
    datetime.datetime(9001, 1, 1, tzinfo=datetime.UTC),
)


def spans(since: datetime.date | None, until: datetime.date | None) -> list[Span]:
    """Return between which numbers the entries of these days lie, the newest first, in one query.

    The days are the viewer's; without either, it is all numbers. Other entries may lie there too.
    """
    if not (since or until):
        return [(0, NEWEST)]
    begin = asked.midnight(since) if since else _EVER[0]
    end = asked.midnight(until + datetime.timedelta(1)) if until else _EVER[1]
    with connections[router.db_for_read(ActivityEvent)].cursor() as cursor:
        # A half hour may have begun before the day: some zones are a quarter off.
        cursor.execute(_SPANS, [begin - _HALF_HOUR, end])
        first, last, waiting = cursor.fetchone()
    if waiting is None:
        return [] if first is None else [(first, last)]
    if first is None:
        return [(waiting, NEWEST)]
    if waiting <= last + 1:
        return [(min(first, waiting), NEWEST)]
    return [(waiting, NEWEST), (first, last)]
