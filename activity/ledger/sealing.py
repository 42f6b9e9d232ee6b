"""Seals what was written: puts it into the tree, checks that twice, and signs the new root.

Any number of sealers may run; an advisory lock lets one at a time through. A batch is one
transaction, so that a sealer that dies leaves nothing behind, and the next one does its work.
"""

import math
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from activity.ledger import anchors, tally, tree
from activity.ledger.ground import Ground, ground
from activity.ledger.merkle import verify_consistency
from activity.ledger.note import checkpoint_body, sign
from activity.ledger.refusal import Refused, note_recovery, note_refusal
from activity.ledger.waiting import Waiting, checked, waiting
from activity.models import Checkpoint

BATCH = 1_000  # events of one transaction, and of one checkpoint
PUBLISHING_SECONDS = 1  # at most between two checkpoints that leave, while there is more to seal
_SEALING = 0x616E6E616C730001  # of the advisory lock

# A checkpoint must not leave before its transaction has reached the disk.
_DURABLY = """
SELECT set_config('synchronous_commit', 'on', true)
WHERE current_setting('synchronous_commit') = 'off'
"""
_SEALED = "DELETE FROM activity_pending WHERE event_id = ANY(%s::bigint[])"


class Batch(NamedTuple):
    """What was sealed at once, and how large the tree then was."""

    epoch: int
    size: int
    events: int


def seal_pending(
    *,
    seconds: float | None = None,
    wait: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Seal what waits, batch by batch, and return how many events that were.

    It ends when nothing waits, after so many `seconds`, or where another sealer is at work, unless
    told to `wait` for it. `progress` is called after each batch, with the events sealed so far and
    the tree's size. Raises Refused, which it has noted as a LedgerCheck, and CannotSeal.
    """
    began_at, sealed = timezone.now(), 0
    deadline = time.monotonic() + (math.inf if seconds is None else seconds)
    published = 0.0
    try:
        while batch := _seal_batch(wait=wait):
            sealed += batch.events
            is_last = batch.events < BATCH or time.monotonic() > deadline
            if is_last or time.monotonic() > published + PUBLISHING_SECONDS:
                anchors.publish()
                published = time.monotonic()
            if progress and batch.events:
                progress(sealed, batch.size)
            if is_last:
                note_recovery(began_at, batch.epoch, batch.size)
                break
    except Refused as refused:
        head = Checkpoint.objects.order_by("-epoch", "-size").first()
        refused.is_news = note_refusal(
            refused, began_at, head.epoch if head else 0, head.size if head else 0
        )
        raise
    return sealed


@transaction.atomic
def _seal_batch(*, wait: bool) -> Batch | None:
    """Seal a batch; None where another sealer is at work."""
    if not lock(wait=wait):
        return None
    here = ground()
    events = seal_onto(here, waiting(limit=BATCH))
    return Batch(here.epoch.number, here.edge.size, len(events))


def lock(*, wait: bool) -> bool:
    """Take the sealer's lock until the transaction ends; return whether we have it."""
    with connection.cursor() as cursor:
        cursor.execute(_DURABLY)
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SEALING])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_SEALING])
        return bool(cursor.fetchone()[0])


def seal_onto(here: Ground, events: Sequence[Waiting]) -> Sequence[Waiting]:
    """Add those events to the tree, sign its new root, and return them.

    Raises Refused where an event is not as it was written, or the tree would not go on from what
    was signed last. The transaction must then be rolled back.
    """
    if not events:
        return events
    leaves = checked(events)
    epoch, old = here.epoch.number, here.edge.size
    try:
        tree.append(epoch, here.edge, leaves)
    except IntegrityError as error:
        raise Refused("tree", f"a place in the tree for each event once. {error}") from error
    size, root = here.edge.size, here.edge.root()
    # The second way goes over the rows as they were stored, level by level.
    holds = tree.root(epoch, size) == root
    if here.head and holds:
        proof = tree.consistency_proof(epoch, old, size)
        holds = verify_consistency(old, size, bytes(here.head.root), root, proof)
    if not holds:
        raise Refused("tree", f"a tree of {size} leaves that continues the one of {old}")
    note = sign(checkpoint_body(here.epoch.origin, size, root), here.signer)
    Checkpoint.objects.create(epoch=epoch, size=size, root=root, note=note)
    tally.count(events)
    with connection.cursor() as cursor:
        cursor.execute(_SEALED, [tree.array(event_id for event_id, _leaf in leaves)])
    return events
