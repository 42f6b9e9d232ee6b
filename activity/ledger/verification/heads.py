"""The roots that somebody has signed: what an epoch's tree is held against."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection

from activity.ledger.note import NoteError, Verifier, open_checkpoint
from activity.ledger.verification.findings import Finding
from activity.models import Epoch, LedgerKey

_CHECKPOINTS = """
SELECT size, root, note, leaf.event_id FROM activity_checkpoint AS signed
LEFT JOIN activity_leaf AS leaf ON leaf.epoch = signed.epoch AND leaf.index = size - 1
WHERE signed.epoch = %s AND size > %s AND size <= %s ORDER BY size
"""


class Head(NamedTuple):
    """What an epoch's first `size` leaves must have as their root, and who says so.

    `kind` is what a finding about it is: "checkpoint", "anchor" or "epoch".
    """

    size: int
    root: bytes
    kind: str
    source: str


class Signers:
    """The keys of an epoch, and from which size of its tree on each of them signs."""

    def __init__(self, epoch: Epoch) -> None:
        """Read the keys; `malformed` are those that are none."""
        self.epoch = epoch
        self.keys: list[tuple[int, Verifier]] = []
        self.malformed: list[LedgerKey] = []
        for row in LedgerKey.objects.filter(epoch=epoch.number).order_by("from_size", "id"):
            try:
                self.keys.append((row.from_size, Verifier(row.vkey)))
            except NoteError:
                self.malformed.append(row)

    @property
    def verifiers(self) -> list[Verifier]:
        """Return all keys."""
        return [verifier for _from_size, verifier in self.keys]

    def at(self, size: int) -> list[Verifier]:
        """Return the key that signs a tree of that size, in a list; none before the first."""
        return [verifier for from_size, verifier in self.keys if from_size <= size][-1:]


def checkpoints(signers: Signers, start: int, end: int) -> Iterator[Head | Finding]:
    """Yield an epoch's checkpoints of a size above `start` and up to `end`, smallest first.

    Before a checkpoint that is not signed as it should be, or says something else than its row,
    comes a finding.
    """
    epoch = signers.epoch
    with connection.cursor() as cursor:
        cursor.execute(_CHECKPOINTS, [epoch.number, start, end])
        rows = cursor.fetchall()
    for size, root, note, event in rows:
        head = Head(size, bytes(root), "checkpoint", f"checkpoint {epoch.number}/{size}")
        try:
            said = open_checkpoint(note, signers.at(size))
        except NoteError as error:
            yield Finding("checkpoint", event, f"{head.source} signed by the log's key. {error}")
        else:
            if (said.origin, said.size, said.root) != (epoch.origin, size, head.root):
                text = f"{head.source} with the root it has signed, {said.root.hex()}"
                yield Finding("checkpoint", event, text)
                head = head._replace(root=said.root if said.size == size else head.root)
        yield head
