"""What the trial of the sealer is made of: writers and sealers that die, and a count."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import psycopg
from django.db import DatabaseError, InterfaceError, connection, transaction

from activity.leaf import leaf_hash
from activity.ledger import sealing, tree
from activity.ledger.merkle import Frontier, verify_consistency
from activity.ledger.note import Verifier, open_checkpoint
from activity.models import ActivityEvent, Checkpoint, Leaf, LedgerCheck, LedgerKey, Pending
from activity.recording import Draft, write

KILLED = 0.1  # of the transactions of writers, and of the rounds of sealers
LONGEST_ROUND = 0.05  # seconds; within them a sealer dies
LOST = (DatabaseError, InterfaceError)  # what a client sees whose connection was cut


def session() -> int:
    """Return the number of this thread's session in the database."""
    connection.ensure_connection()
    return connection.connection.info.backend_pid


def cut(session: int) -> None:
    """Have the database cut a session, whatever it is at."""
    parameters = connection.get_connection_params() | {"context": None, "cursor_factory": None}
    wanted = {key: value for key, value in parameters.items() if value is not None}
    with psycopg.connect(**wanted, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [session])


def write_one(chance: random.Random, longest: float) -> list[int]:
    """Write events in one transaction of random length, in seconds; return the ids committed.

    Some transactions are undone, some lose their connection: they commit nothing.
    """
    fate = chance.random()
    try:
        with transaction.atomic():
            ids = []
            for _step in range(chance.randint(1, 5)):
                draft = Draft("bulk.finished", "bulk", None, None, {"total": chance.randint(0, 99)})
                ids += write([draft] * chance.randint(1, 4))
                time.sleep(chance.random() ** 4 * longest)
            if fate < KILLED:
                cut(session())
            transaction.set_rollback(KILLED <= fate < 2 * KILLED)
    except LOST:
        connection.close()
        return []
    return [] if fate < 2 * KILLED else ids


def seal_one(chance: random.Random, die: Callable[[], None]) -> int:
    """Do a sealer's round; in some of them, `die` is called from beside at a random moment."""
    bomb = threading.Timer(chance.random() * LONGEST_ROUND, die)
    doomed = chance.random() < KILLED
    if doomed:
        bomb.start()
    try:
        return sealing.seal_pending()
    except LOST:
        connection.close()
        return 0
    finally:
        bomb.cancel()
        if doomed:
            bomb.join()


def die() -> None:
    """End this process as a power cut does."""
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Count:
    """What became of the events, and of the tree.

    - `missed`: events that stand in the log and not in the tree, nor wait for it
    - `lost`: events whose writers were told that they are committed, and that are not in the tree
    - `strangers`: leaves that are not the hash of an event
    - `forks`: checkpoints, of those in the database and those seen outside, that the tree does not
      lead on from
    - `overtaken`: events that committed after one with a higher id was sealed: what a sealer that
      asks for "ids above the last one" would have missed
    """

    events: int
    checkpoints: int
    missed: int
    lost: int
    strangers: int
    forks: int
    refusals: int
    overtaken: int

    @property
    def is_sound(self) -> bool:
        """Tell whether nothing went wrong."""
        return not (self.missed or self.lost or self.strangers or self.forks or self.refusals)


def count(committed: Iterable[int], seen: Iterable[str]) -> Count:
    """Look at everything, once all writers have ended and everything is sealed.

    `committed` are the ids that writers know of, `seen` the notes that were seen outside.
    """
    events = {event.pk: event for event in ActivityEvent.objects.iterator()}
    leaves = list(Leaf.objects.order_by("index"))
    sealed = {leaf.event_id for leaf in leaves}
    heads = list(Checkpoint.objects.order_by("size"))
    return Count(
        events=len(events),
        checkpoints=len(heads),
        missed=len(events.keys() - sealed) + Pending.objects.count(),
        lost=len(set(committed) - sealed),
        strangers=sum(
            leaf.event_id not in events or leaf_hash(events[leaf.event_id]) != bytes(leaf.hash)
            for leaf in leaves
        ),
        forks=_forks(leaves, [*(head.note for head in heads), *seen]),
        refusals=LedgerCheck.objects.filter(ok=False).count(),
        overtaken=_overtaken([leaf.event_id for leaf in leaves], [head.size for head in heads]),
    )


def _forks(leaves: list[Leaf], notes: list[str]) -> int:
    """Return how many of the notes have a root that the leaves do not have, or cannot be reached.

    The roots are computed from the leaves alone; each checkpoint is proven to continue the last.
    """
    verifiers = [Verifier(key.vkey) for key in LedgerKey.objects.all()]
    said = sorted({open_checkpoint(note, verifiers) for note in notes}, key=lambda head: head.size)
    edge, forks, before = Frontier(), 0, None
    for head in said:
        for leaf in leaves[edge.size : head.size]:
            edge.append(bytes(leaf.hash))
        holds = (edge.size, edge.root()) == (head.size, head.root)
        if holds and before:
            proof = tree.consistency_proof(1, before.size, head.size)
            holds = verify_consistency(before.size, head.size, before.root, head.root, proof)
        forks += not holds
        before = head
    return forks


def _overtaken(sealed: list[int], sizes: list[int]) -> int:
    overtaken = highest = start = 0
    for size in sizes:
        overtaken += sum(event < highest for event in sealed[start:size])
        highest, start = max(highest, *sealed[start:size]), size
    return overtaken
