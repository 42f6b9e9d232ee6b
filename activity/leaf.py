"""What the tree seals of an event: all but what may be erased."""

import datetime
import hashlib
from typing import Any
from uuid import UUID

from activity.canonical import canonical


def leaf_data(event: Any) -> bytes:
    """Return the canonical JSON that stands for an event in the tree.

    `event` has the attributes of an ActivityEvent. Its payload is in it as its commitment alone,
    so that erasing the payload changes nothing here.
    """
    return canonical({
        "v": event.version,
        "uid": str(event.uid),
        "verb": event.verb,
        "occurred": moment(event.occurred_at),
        "recorded": moment(event.recorded_at),
        "actor": {"type": event.actor_type, "id": _id(event.actor_id)},
        "object": {"type": event.object_type, "id": _id(event.object_id)},
        "contact": _id(event.contact_id),
        "origin": _id(event.origin_id),
        "commitment": bytes(event.commitment).hex(),
    })  # fmt: skip


def leaf_hash(event: Any) -> bytes:
    """Return the hash of an event's leaf (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x00" + leaf_data(event)).digest()


def moment(time: datetime.datetime) -> str:
    """Return a time as leaves write it: in UTC, with all six digits of its microseconds."""
    utc = time.astimezone(datetime.UTC).isoformat(timespec="microseconds")
    return utc.removesuffix("+00:00") + "Z"


def _id(key: UUID | None) -> str | None:
    return str(key) if key else None
