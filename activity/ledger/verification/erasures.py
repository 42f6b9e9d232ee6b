"""Is each event that lost its payload named by an erasure that was sealed?"""

from collections.abc import Iterator

from django.db import connection

from activity.ledger.verification.findings import Finding
from activity.ledger.verification.outbox import SOON

# An erasure is an event, and later than what it erases. It is of the same contact; where the event
# has none, of who did it or of whom it is about: as annals_guard_event (activity/guards.py) has it.
_UNACCOUNTED = """
COPY (
    SELECT event.id, event.erased_by FROM activity_event AS event
    LEFT JOIN activity_event AS erasure ON erasure.id = event.erased_by
    LEFT JOIN activity_leaf AS leaf ON leaf.event_id = erasure.id
    WHERE (event.payload IS NULL OR event.salt IS NULL OR event.erased_by IS NOT NULL) AND (
        event.payload IS NULL AND event.salt IS NULL
        AND erasure.verb = 'privacy.erased' AND erasure.id > event.id
        AND erasure.contact_id IS NOT DISTINCT FROM event.contact_id
        AND (event.contact_id IS NOT NULL OR (erasure.object_type, erasure.object_id) IN (
            (event.actor_type, event.actor_id), (event.object_type, event.object_id)))
        AND (leaf.event_id IS NOT NULL
             OR erasure.recorded_at >= now() - make_interval(mins => %s))
    ) IS NOT TRUE ORDER BY event.id
) TO STDOUT
"""


def check_erasures() -> Iterator[Finding]:
    """Yield a finding for each event whose payload is gone, and no sealed erasure says why."""
    with connection.cursor() as cursor, cursor.copy(_UNACCOUNTED, [SOON]) as stream:
        for line in stream:
            event, erasure = bytes(line).split()
            named = "" if erasure == b"\\N" else f"; it names event {int(erasure)}"
            text = f"a sealed privacy.erased of the same contact that took its payload{named}"
            yield Finding("erasure", int(event), text)
