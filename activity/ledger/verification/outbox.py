"""Is each event sealed, or waiting to be?"""

from collections.abc import Iterator

from django.db import connection

from activity.ledger.verification.findings import Finding

SOON = 5  # minutes in which the sealer, which comes every 10 seconds, has long been here

_UNSEALED = """
COPY (
    SELECT event.id, pending.event_id IS NULL FROM activity_event AS event
    LEFT JOIN activity_leaf AS leaf ON leaf.event_id = event.id
    LEFT JOIN activity_pending AS pending ON pending.event_id = event.id
    WHERE leaf.event_id IS NULL AND (
        pending.event_id IS NULL OR event.recorded_at < now() - make_interval(mins => %s)
    ) ORDER BY event.id
) TO STDOUT
"""
_WAITING = """
COPY (
    SELECT pending.event_id, event.id IS NULL FROM activity_pending AS pending
    LEFT JOIN activity_event AS event ON event.id = pending.event_id
    LEFT JOIN activity_leaf AS leaf ON leaf.event_id = pending.event_id
    WHERE event.id IS NULL OR leaf.event_id IS NOT NULL ORDER BY pending.event_id
) TO STDOUT
"""


def check_outbox() -> Iterator[Finding]:
    """Yield a finding for each event that is not sealed and ought to be, or waits and cannot be."""
    for event, is_forgotten in _rows(_UNSEALED, [SOON]):
        if is_forgotten:
            yield Finding("unsealed", event, "the event among those that wait to be sealed")
        else:
            yield Finding("unsealed", event, f"the event sealed within {SOON} minutes")
    for event, is_gone in _rows(_WAITING, []):
        if is_gone:
            yield Finding("pending", event, "the event that waits to be sealed; it is gone")
        else:
            yield Finding("pending", event, "an event that waits only once; it is sealed already")


def _rows(query: str, parameters: list[int]) -> Iterator[tuple[int, bool]]:
    with connection.cursor() as cursor, cursor.copy(query, parameters) as stream:
        for line in stream:
            event, flag = bytes(line).split()
            yield int(event), flag == b"t"
