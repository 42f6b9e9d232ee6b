"""The newest 256 leaves of a tree at most: which of them, or of their events, was altered."""

from collections.abc import Iterator
from copy import deepcopy

from activity.ledger.merkle import Frontier
from activity.ledger.verification.findings import Finding
from activity.ledger.verification.rows import SealedRow


class Block:
    """The leaves from `start` up to the next node of level 1.

    `before` is the tree's edge there; None where it cannot be known any more. `edge` is where the
    leaves taken in have moved it; None where one of them is missing, too.

    Where a leaf is not the hash of its event, one of the two was altered. What was computed when
    they were sealed tells which: the node above, or a signed root.
    """

    def __init__(self, start: int, before: Frontier | None) -> None:
        """Begin at a leaf whose index is a multiple of 256."""
        self.start, self.before, self.edge = start, before, deepcopy(before)
        self._rows: list[SealedRow] = []
        self._differing: list[SealedRow] = []

    def take(self, row: SealedRow) -> bytes | None:
        """Take in the next leaf; returns the hash of the node that it completes, if it does."""
        self._rows.append(row)
        if row.computed != row.leaf and row.computed is not None:
            self._differing.append(row)
        if self.edge is None:
            return None
        completed = self.edge.append(row.leaf)
        return completed[0][2] if completed else None

    def tear(self) -> None:
        """Note that a leaf is missing."""
        self.edge = None

    def by_events(self) -> tuple[Frontier, bytes | None] | None:
        """Return edge and node as the events would have them; None where they are the same."""
        if not self._differing or self.edge is None:
            return None
        edge, node = deepcopy(self.before), None
        for row in self._rows:
            completed = edge.append(row.computed or row.leaf)
            node = completed[0][2] if completed else None
        return edge, node

    def differences(self, *, leaves_hold: bool) -> Iterator[Finding]:
        """Yield a finding for each leaf that is not the hash of its event."""
        for row in self._differing:
            if leaves_hold:
                yield Finding("event", row.event, "the event as it was sealed; it was changed")
            else:
                yield Finding("leaf", row.event, f"the leaf {row.computed.hex()} of this event")
