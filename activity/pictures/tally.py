"""How many entries of each kind there were on each day, from what was counted while sealing."""

import datetime
from collections import Counter
from typing import Any

from django.db import connections, router
from django.utils import timezone

from activity import asked
from activity.catalogue import PRIVATE
from activity.models import ActivityEvent

WAITING_MAX = 10_000  # entries not sealed yet that are counted one by one

_COUNTED = """
SELECT (slot AT TIME ZONE %(zone)s)::date AS day, verb, sum(count)::bigint FROM activity_tally
WHERE slot >= %(since)s AND slot < %(until)s GROUP BY day, verb
UNION ALL
SELECT (occurred_at AT TIME ZONE %(zone)s)::date AS day, verb, count(*) FROM (
    SELECT occurred_at, verb FROM activity_event WHERE id IN (
        SELECT event_id FROM activity_pending ORDER BY event_id DESC LIMIT %(most)s
    )
) AS waiting WHERE occurred_at >= %(since)s AND occurred_at < %(until)s GROUP BY day, verb
"""


def counted(
    since: datetime.date, until: datetime.date, *, sees_private: bool
) -> Counter[tuple[datetime.date, str]]:
    """Return {(day, verb): how many entries}, in one query that reads no sealed entry.

    The days are the viewer's. Without `sees_private`, what is about the team is left out.
    """
    parameters: dict[str, Any] = {
        "zone": timezone.get_current_timezone_name(),
        "since": asked.midnight(since),
        "until": asked.midnight(until + datetime.timedelta(1)),
        "most": WAITING_MAX,
    }
    counts = Counter[tuple[datetime.date, str]]()
    with connections[router.db_for_read(ActivityEvent)].cursor() as cursor:
        cursor.execute(_COUNTED, parameters)
        for day, verb, count in cursor.fetchall():
            if sees_private or verb not in PRIVATE:
                counts[day, verb] += count
    return counts
