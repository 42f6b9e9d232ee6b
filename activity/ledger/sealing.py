"""Seals what was written: puts it into the tree, checks that twice, and signs the new root.

Any number of sealers may run; an advisory lock lets one at a time through. A batch is one
transaction, so that a sealer that dies leaves nothing behind, and the next one does its work.
"""

import base64
import datetime
import hmac
import math
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import orjson
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone
from psycopg.types.datetime import TimestamptzLoader

from activity.canonical import commitment
from activity.leaf import leaf_hash
from activity.ledger import anchors, tally, tree
from activity.ledger.ground import Ground, ground
from activity.ledger.merkle import verify_consistency
from activity.ledger.note import checkpoint_body, sign
from activity.ledger.refusal import Refused, note_recovery, note_refusal
from activity.models import Checkpoint

BATCH = 1_000  # events of one transaction, and of one checkpoint
PUBLISHING_SECONDS = 1  # at most between two checkpoints that leave, while there is more to seal
_SEALING = 0x616E6E616C730001  # of the advisory lock

# A checkpoint must not leave before its transaction has reached the disk.
_DURABLY = """
SELECT set_config('synchronous_commit', 'on', true)
WHERE current_setting('synchronous_commit') = 'off'
"""
_WAITING = """
SELECT pending.event_id, event.id AS found, uid::text, verb, version, occurred_at, recorded_at,
       actor_type, actor_id::text, object_type, object_id::text, contact_id::text, origin_id::text,
       payload::text, salt, commitment, erased_by
FROM activity_pending AS pending LEFT JOIN activity_event AS event ON event.id = pending.event_id
WHERE %(only)s::bigint IS NULL OR pending.event_id = %(only)s
ORDER BY pending.event_id LIMIT %(limit)s
"""
_SEALED = "DELETE FROM activity_pending WHERE event_id = ANY(%s::bigint[])"


class Batch(NamedTuple):
    """What was sealed at once, and how large the tree then was."""

    epoch: int
    size: int
    events: int


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
    events = seal_onto(here, waiting())
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


def waiting(only: int | None = None) -> list[Waiting]:
    """Return the oldest events that wait, a batch at most, or that one alone."""
    try:
        with connection.cursor() as cursor:
            # psycopg's own, which is compiled, instead of Django's on top of it.
            cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
            cursor.execute(_WAITING, {"only": only, "limit": BATCH})
            return [Waiting(*row) for row in cursor.fetchall()]
    except DataError as error:
        raise Refused("event", f"events that can be read. {error}") from error


def seal_onto(here: Ground, events: Sequence[Waiting]) -> Sequence[Waiting]:
    """Add those events to the tree, sign its new root, and return them.

    Raises Refused where an event is not as it was written, or the tree would not go on from what
    was signed last. The transaction must then be rolled back.
    """
    if not events:
        return events
    leaves = _leaves(events)
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


def _leaves(events: Sequence[Waiting]) -> list[tuple[int, bytes]]:
    """Return each event's id and leaf hash; raises Refused naming all that fail their check."""
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
