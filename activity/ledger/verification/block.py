"""The newest 256 leaves of a tree at most: which of them, or of their events, was altered."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from hashlib import sha256

from activity.ledger.merkle import Frontier
from activity.ledger.verification.findings import Finding
from activity.ledger.verification.rows import SealedRow


class Block:
    """The leaves from `start` up to the next node of level 1.

    `before` is the tree's edge there; None where it cannot be known any more.

    Where a leaf is not the hash of its event, one of the two was altered. What was computed when
    they were sealed tells which: the node above, or a signed root.
    """

    def __init__(self, start: int, before: Frontier | None) -> None:
        """Begin at a leaf whose index is a multiple of 256."""
        self.start, self.before = start, before
        self._rows: list[SealedRow] = []
        self._differing: list[SealedRow] = []
        self._edge = deepcopy(before)
        self._is_torn = False

    def take(self, row: SealedRow) -> None:
        """Take in the next leaf."""
        self._rows.append(row)
        if row.computed != row.leaf and row.computed is not None:
            self._differing.append(row)

    def tear(self) -> None:
        """Note that a leaf is missing."""
        self._is_torn = True

    def root(self) -> bytes | None:
        """Return the root over all leaves so far; None where it cannot be known."""
        if self._edge is None or self._is_torn:
            return None
        for row in self._rows[self._edge.size - self.start :]:
            self._edge.append(row.leaf)
        return self._edge.root()

    def root_by_events(self) -> bytes | None:
        """Return it as the events would have it; None where they say the same as the leaves."""
        if not self._differing or self.root() is None:
            return None
        edge = deepcopy(self.before)
        for row in self._rows:
            edge.append(row.computed or row.leaf)
        return edge.root()

    def node(self) -> bytes | None:
        """Return the hash over all 256 leaves; None where one is missing."""
        return None if self._is_torn else _fold([row.leaf for row in self._rows])

    def node_by_events(self) -> bytes | None:
        """Return it as the events would have it; None where they say the same as the leaves."""
        if not self._differing or self._is_torn:
            return None
        return _fold([row.computed or row.leaf for row in self._rows])

    def differences(self, *, leaves_hold: bool) -> Iterator[Finding]:
        """Yield a finding for each leaf that is not the hash of its event."""
        for row in self._differing:
            if leaves_hold:
                yield Finding("event", row.event, "the event as it was sealed; it was changed")
            else:
                yield Finding("leaf", row.event, f"the leaf {row.computed.hex()} of this event")


def _fold(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over so many leaves that they fill a tree; faster than one by one."""
    while len(hashes) > 1:
        halves = iter(hashes)
        pairs = zip(halves, halves, strict=True)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return hashes[0]
