"""What waits to be sealed, and whether it still is what was written."""

import base64
import datetime
import hmac
from collections.abc import Sequence
from typing import NamedTuple

import orjson
from django.db import DataError
from psycopg.types.datetime import TimestamptzBinaryLoader

from activity.canonical import commitment
from activity.leaf import leaf_hash
from activity.ledger.refusal import Refused
from activity.recording import binding_cursor

# Events are looked up one by one. Joined, they were read in the order of their ids, from the first
# one on: all that is sealed already, for each batch.
_WAITING = """
SELECT pending.event_id, event.* FROM (
    SELECT event_id FROM activity_pending
    WHERE %(only)s::bigint IS NULL OR event_id = %(only)s
    ORDER BY event_id LIMIT %(limit)s
) AS pending LEFT JOIN LATERAL (
    SELECT id, uid::text, verb, version, occurred_at, recorded_at, actor_type, actor_id::text,
           object_type, object_id::text, contact_id::text, origin_id::text, payload::text, salt,
           commitment, erased_by
    FROM activity_event WHERE id = pending.event_id LIMIT 1
) AS event ON true
ORDER BY pending.event_id
"""


class Waiting(NamedTuple):
    """An event that waits to be sealed, as `activity.leaf` reads events; `found` None: it is gone.

    Ids and `payload` are text, as that is what is hashed of them.
    """

    event_id: int
    found: int | None
    uid: str
    verb: str
    version: int
    occurred_at: datetime.datetime
    recorded_at: datetime.datetime
    actor_type: str
    actor_id: str | None
    object_type: str
    object_id: str | None
    contact_id: str | None
    origin_id: str
    payload: str | None
    salt: bytes | None
    commitment: bytes
    erased_by: int | None


def waiting(*, limit: int = 1, only: int | None = None) -> list[Waiting]:
    """Return the oldest events that wait, so many at most, or that one alone.

    Raises Refused where they hold what cannot be read.
    """
    try:
        with binding_cursor(binary=True) as cursor:
            # psycopg's own, which is compiled, instead of Django's on top of it.
            cursor.adapters.register_loader("timestamptz", TimestamptzBinaryLoader)
            cursor.execute(_WAITING, {"only": only, "limit": limit})
            return [Waiting(*row) for row in cursor.fetchall()]
    except DataError as error:
        raise Refused("event", f"events that can be read. {error}") from error


def checked(events: Sequence[Waiting]) -> list[tuple[int, bytes]]:
    """Return each event's id and leaf hash; raises Refused naming all that are not as written."""
    leaves, refused = [], None
    for event in events:
        if fault := _fault(event):
            if refused:
                refused.also(*fault, event.event_id)
            else:
                refused = Refused(*fault, event.event_id)
        else:
            leaves.append((event.event_id, leaf_hash(event)))
    if refused:
        raise refused
    return leaves


def _fault(event: Waiting) -> tuple[str, str] | None:
    """Return what is wrong with an event, as a kind and what was expected; None for nothing."""
    if event.found is None:
        return "pending", "the event that waits to be sealed; it is gone"
    if event.payload is None:
        return None if event.erased_by else ("event", "a payload, or what erased it")
    try:
        bound = commitment(event.salt, orjson.loads(event.payload))
    except (TypeError, ValueError):
        bound = b""
    if not hmac.compare_digest(bound, event.commitment):
        sealed = base64.b64encode(event.commitment).decode()
        return "payload", f"the payload that the event is committed to by {sealed}"
    return None
