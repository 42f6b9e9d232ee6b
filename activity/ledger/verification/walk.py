"""Builds the tree of an epoch anew, from its stored rows, and holds it against what is known."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from django.db import connection
from django.db.models import Max

from activity.ledger import tree
from activity.ledger.merkle import TILE, Frontier
from activity.ledger.verification.abreast import Readers
from activity.ledger.verification.block import Block
from activity.ledger.verification.findings import Finding
from activity.ledger.verification.heads import Head, Signers, checkpoints
from activity.ledger.verification.rows import SealedRow, sealed_rows
from activity.models import Checkpoint

NO_LIMIT = 2**63 - 1
CHUNK = TILE**2  # leaves at a time

_NODES = """
SELECT node.level, node.index, node.hash
FROM unnest(%s::int[], %s::bigint[], %s::bigint[]) AS wanted (level, first, past)
JOIN activity_node AS node ON node.epoch = %s AND node.level = wanted.level
AND node.index >= wanted.first AND node.index < wanted.past
"""
_NODES_TOO_MANY = """
SELECT level, index FROM activity_node
WHERE epoch = %s AND (level < 1 OR index < 0 OR (index + 1) * 256::numeric ^ level > %s)
ORDER BY level, index
"""
_LEVELS = range(1, 8)  # 256**8 leaves are more than a bigint counts


class Walk:
    """A walk over the leaves of one epoch, from left to right, in constant memory.

    `size` is how many there are, `known` the roots that they must have by what is known elsewhere;
    those of the checkpoints are read on the way. `progress` is called with the number of leaves of
    each stretch; `readers` are processes that read for it.
    """

    def __init__(
        self,
        signers: Signers,
        known: Iterable[Head],
        progress: Callable[[int], None],
        readers: Readers | None = None,
    ) -> None:
        """Look how large the tree is."""
        self.epoch = signers.epoch.number
        self.size = tree.size(self.epoch)
        self._signers, self._progress, self._readers = signers, progress, readers
        self._known = sorted(known)
        self._heads: deque[Head] = deque()  # those ahead in this stretch
        self._nodes: dict[tuple[int, int], bytes] = {}
        self._block = Block(0, Frontier())
        self._last_event: int | None = None
        self._held_at = 0  # the largest size so far whose signed root was the tree's
        self._events_hold = False  # rather than the leaves, by the newest signed root
        self._failed: list[tuple[Head, int | None]] = []

    def run(self, since: int = 0) -> Iterator[Finding]:
        """Yield what does not hold; leaves before `since` are taken as their nodes have them."""
        position = min(since, self.size)
        position -= position % TILE
        try:
            self._block = Block(position, tree.frontier(self.epoch, position))
        except tree.Damaged as damage:
            self._block = Block(position, None)
            yield Finding("tree", None, f"the hashes over {position} leaves. {damage}")
        self._heads.extend(head for head in self._known if head.size == position)
        yield from self._compare(position)
        while position < self.size:
            end = min(position - position % CHUNK + CHUNK, self.size)
            yield from self._look_ahead(position, end, since)
            yield from self._stretch(position, end, since)
            self._progress(end - max(position, since))
            position = end
        yield from self._finish(since)

    def _look_ahead(self, start: int, end: int, since: int) -> Iterator[Finding]:
        """Read what the leaves from `start` to `end` will be held against."""
        pieces = [(level, start // TILE**level, end // TILE**level) for level in _LEVELS]
        with connection.cursor() as cursor:
            cursor.execute(_NODES, [*map(list, zip(*pieces, strict=True)), self.epoch])
            self._nodes = {(level, index): bytes(node) for level, index, node in cursor.fetchall()}
        heads = [head for head in self._known if start < head.size <= end]
        for found in checkpoints(self._signers, max(start, since), end):
            if isinstance(found, Finding):
                yield found
            else:
                heads.append(found)
        self._heads = deque(sorted(heads))

    def _stretch(self, start: int, end: int, since: int) -> Iterator[Finding]:
        position, next_head = start, self._next_head()
        for row in self._read(start, end):
            if row.position != position:
                yield from self._skip(position, row.position)
                next_head = self._next_head()
            is_new = row.position >= since
            if is_new and row.computed is None:
                yield Finding("event", row.event, "the event that was sealed; it is gone")
            elif is_new and not row.payload_fits:
                text = "the payload and salt that the event is committed to"
                yield Finding("payload", row.event, text)
            self._last_event = row.event
            position = row.position + 1
            self._block.take(row if is_new else row._replace(computed=row.leaf))
            if position % TILE == 0:
                yield from self._close()
            if position == next_head:
                yield from self._compare(position)
                next_head = self._next_head()
        if position != end:
            yield from self._skip(position, end)

    def _read(self, start: int, end: int) -> Iterator[SealedRow]:
        if self._readers:
            return self._readers.rows(self.epoch, start, end, self.size)
        return sealed_rows(self.epoch, start, end)

    def _skip(self, start: int, end: int) -> Iterator[Finding]:
        """Go over leaves that are missing."""
        text = f"leaves {start} to {end - 1} of log {self.epoch}, after that of this event"
        yield Finding("tree", self._last_event, text)
        while start < end:
            self._block.tear()
            start = min(self._block.start + TILE, end)
            if start % TILE == 0:
                yield from self._close()
        while self._heads and self._heads[0].size <= end:
            self._heads.popleft()  # the missing leaves were named; there is no root to compare

    def _close(self) -> Iterator[Finding]:
        """Hold the node over a whole block against its row, and begin the next one."""
        block, index = self._block, self._block.start // TILE
        stored, node = self._nodes.get((1, index)), self._block.node()
        by_events = block.node_by_events()
        leaves_hold = node == stored or by_events is None or by_events != stored
        yield from block.differences(leaves_hold=leaves_hold)
        if node is None or not leaves_hold:
            node = stored
        elif node != stored:
            yield self._wrong_node(1, index, node)
        edge = block.before
        if edge is not None and node is not None:
            for level, place, above in edge.append(node, TILE):
                if above != self._nodes.get((level, place)):
                    yield self._wrong_node(level, place, above)
        else:
            edge = None
        self._block = Block(block.start + TILE, edge)

    def _compare(self, size: int) -> Iterator[Finding]:
        """Hold the tree's root over so many leaves against the signed ones."""
        root = self._block.root() if self._heads and self._heads[0].size == size else None
        while self._heads and self._heads[0].size == size:
            head = self._heads.popleft()
            if root is None:
                continue
            self._events_hold = head.root != root and self._block.root_by_events() == head.root
            holds = head.root == root or self._events_hold
            if holds:
                self._held_at = size
            if head.kind != "checkpoint":
                if not holds:
                    yield self._wrong_root(head, self._last_event)
            elif holds:
                yield from self._report_failed()
            else:
                self._failed = [*self._failed[:1], (head, self._last_event)]

    def _report_failed(self) -> Iterator[Finding]:
        """Yield one finding for neighbouring checkpoints that do not hold."""
        if self._failed:
            (first, event), (last, _event) = self._failed[0], self._failed[-1]
            others = "" if first == last else f"; nor do those after it, up to {last.source}, hold"
            yield self._wrong_root(first, event, others)
        self._failed = []

    def _finish(self, since: int) -> Iterator[Finding]:
        yield from self._block.differences(leaves_hold=not self._events_hold)
        yield from self._report_failed()
        for head in self._known:
            if head.size > self.size:
                text = f"{head.size} leaves of log {self.epoch}, as {head.source} says"
                yield Finding(head.kind, None, f"{text}; there are {self.size}")
        for found in checkpoints(self._signers, max(since, self.size), NO_LIMIT):
            if isinstance(found, Finding):
                yield found
            else:
                text = f"{found.size} leaves of log {self.epoch}, as {found.source} says"
                yield Finding("checkpoint", None, f"{text}; there are {self.size}")
        newest = Checkpoint.objects.filter(epoch=self.epoch).aggregate(size=Max("size"))["size"]
        if self.size > max(newest or 0, since):
            text = f"a checkpoint over all {self.size} leaves of log {self.epoch}"
            yield Finding("checkpoint", self._last_event, f"{text}; there is none")
        with connection.cursor() as cursor:
            cursor.execute(_NODES_TOO_MANY, [self.epoch, self.size])
            for level, index in cursor.fetchall():
                text = f"no node {level}/{index} over {self.size} leaves of log {self.epoch}"
                yield Finding("node", None, text)

    def _next_head(self) -> int | None:
        return self._heads[0].size if self._heads else None

    def _wrong_node(self, level: int, index: int, node: bytes) -> Finding:
        leaves = f"leaves {index * TILE**level} to {(index + 1) * TILE**level - 1}"
        text = f"node {level}/{index} of log {self.epoch} over {leaves}, the last of this event"
        return Finding("node", self._last_event, f"{text}: {node.hex()}")

    def _wrong_root(self, head: Head, event: int | None, others: str = "") -> Finding:
        text = f"a tree with the root {head.root.hex()} over {head.size} leaves, as {head.source}"
        return Finding(head.kind, event, f"{text} says; it held at {self._held_at}{others}")
