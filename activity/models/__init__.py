"""What happened, the proof of it, and what is written out of it."""

from activity.models.event import ActivityEvent, ActivityEventQuerySet, ActivityOrigin, Actor
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
    "Pending",
    "Tally",
]
