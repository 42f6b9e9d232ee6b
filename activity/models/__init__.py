"""What happened, the proof of it, what is written out of it, and who has seen or is told of it."""

from activity.models.event import ActivityEvent, ActivityOrigin, Actor
from activity.models.event_query import ActivityEventQuerySet
from activity.models.export import ActivityExport
from activity.models.ledger import (
    Anchor,
    Checkpoint,
    Epoch,
    Leaf,
    LedgerCheck,
    LedgerKey,
    Node,
    Pending,
    Tally,
)
from activity.models.notification import Notification
from activity.models.seen import Seen

__all__ = [
    "ActivityEvent",
    "ActivityEventQuerySet",
    "ActivityExport",
    "ActivityOrigin",
    "Actor",
    "Anchor",
    "Checkpoint",
    "Epoch",
    "Leaf",
    "LedgerCheck",
    "LedgerKey",
    "Node",
    "Notification",
    "Pending",
    "Seen",
    "Tally",
]
