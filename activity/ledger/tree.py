"""The tree as it lies in the database: reads the hash of any subtree, proofs, and adds leaves.

Leaves are rows of `activity_leaf`; complete subtrees of 256, 65,536, ... leaves are rows of
`activity_node`. Whatever else a proof needs is at most 255 neighbouring rows away.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Max

from activity.ledger.merkle import (
    EMPTY_ROOT,
    HASH_BYTES,
    TILE,
    CompleteNode,
    Frontier,
    Range,
    complete_subtrees,
    consistency_path,
    fold,
    inclusion_path,
)
from activity.models import Leaf
from activity.recording import binding_cursor

_TILE_BITS = TILE.bit_length() - 1

_READ = """
SELECT CASE level WHEN 0 THEN (
    SELECT string_agg(hash, ''::bytea ORDER BY index) FROM activity_leaf
    WHERE epoch = %(epoch)s AND index >= first AND index < past
) ELSE (
    SELECT string_agg(hash, ''::bytea ORDER BY index) FROM activity_node
    WHERE epoch = %(epoch)s AND activity_node.level = piece.level
    AND index >= first AND index < past
) END
FROM unnest(%(levels)s::smallint[], %(firsts)s::bigint[], %(pasts)s::bigint[])
    WITH ORDINALITY AS piece (level, first, past, position)
ORDER BY position
"""

_ADD_LEAVES = """
INSERT INTO activity_leaf (epoch, index, event_id, hash)
SELECT %(epoch)s, %(start)s + position - 1, event_id,
       substr(%(hashes)s::bytea, (position::int - 1) * 32 + 1, 32)
FROM unnest(%(events)s::bigint[]) WITH ORDINALITY AS leaf (event_id, position)
"""

_ADD_NODES = """
INSERT INTO activity_node (epoch, level, index, hash)
SELECT %s, level, index, hash
FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[]) AS node (level, index, hash)
"""


class Damaged(LookupError):
    """Rows that the tree is made of are not there."""


class _Rows(NamedTuple):
    """Neighbouring rows of one level, `first` up to, not including, `past`."""

    level: int
    first: int
    past: int

    @property
    def tile(self) -> tuple[int, int]:
        """Return what names the 256 rows that they are among."""
        return self.level, self.first // TILE


def size(epoch: int) -> int:
    """Return how many leaves the tree of an epoch has."""
    newest = Leaf.objects.filter(epoch=epoch).aggregate(newest=Max("index"))["newest"]
    return 0 if newest is None else newest + 1


def hashes(epoch: int, ranges: Iterable[Range]) -> list[bytes]:
    """Return the hash over each of those ranges of leaves, in one query.

    Ranges are as merkle.py names them: complete subtrees, or what stands at the right edge of a
    tree. Raises Damaged where rows are missing.
    """
    pieces = [complete_subtrees(start, end) for start, end in ranges]
    found = iter(_complete(epoch, [each for piece in pieces for each in piece]))
    return [fold([next(found) for _each in piece]) for piece in pieces]


def root(epoch: int, size: int) -> bytes:
    """Return the root over an epoch's first `size` leaves; raises Damaged as `hashes` does."""
    return hashes(epoch, [(0, size)])[0] if size else EMPTY_ROOT


def inclusion_proof(epoch: int, index: int, size: int) -> list[bytes]:
    """Return the proof (RFC 9162, 2.1.3.1) that a leaf is in the tree of an epoch's first `size`.

    Raises ValueError for an index that is not, and Damaged as `hashes` does.
    """
    return hashes(epoch, inclusion_path(index, size))


def consistency_proof(epoch: int, old: int, new: int) -> list[bytes]:
    """Return the proof (RFC 9162, 2.1.4.1) that an epoch's first `new` leaves begin with the `old`.

    Raises ValueError unless 0 < old <= new, and Damaged as `hashes` does.
    """
    return hashes(epoch, consistency_path(old, new))


def frontier(epoch: int, size: int) -> Frontier:
    """Return the right edge of an epoch's first `size` leaves, to go on from."""
    edge = Frontier()
    subtrees = complete_subtrees(0, size)
    for (start, end), subtree in zip(subtrees, _complete(epoch, subtrees), strict=True):
        edge.append(subtree, end - start)
    return edge


def append(epoch: int, edge: Frontier, leaves: Sequence[tuple[int, bytes]]) -> None:
    """Add leaves, each an event's id and leaf hash, and the nodes that they complete.

    `edge` is the tree's right edge and is moved on. Raises IntegrityError for an event that has a
    leaf already. Call it within the transaction that holds the sealer's lock.
    """
    start = edge.size
    completed: list[CompleteNode] = [node for _, leaf in leaves for node in edge.append(leaf)]
    with connection.cursor() as cursor:
        parameters: dict[str, Any] = {
            "epoch": epoch,
            "start": start,
            "events": array(event for event, _leaf in leaves),
            "hashes": b"".join(leaf for _event, leaf in leaves),
        }
        cursor.execute(_ADD_LEAVES, parameters)
        if completed:
            levels, indexes, nodes = map(list, zip(*completed, strict=True))
            cursor.execute(_ADD_NODES, [epoch, levels, indexes, nodes])


def array(numbers: Iterable[int]) -> str:
    """Return numbers as PostgreSQL writes an array, ten times as fast as psycopg does."""
    return f"{{{','.join(map(str, numbers))}}}"


def _complete(epoch: int, subtrees: Sequence[Range]) -> list[bytes]:
    """Return the hashes of complete subtrees."""
    if not subtrees:
        return []
    wanted = [_rows(*subtree) for subtree in subtrees]
    # Those of one tile are read as one: few long ranges are found sooner than many short ones.
    tiles: dict[tuple[int, int], _Rows] = {}
    for rows in wanted:
        level, first, past = tiles.get(rows.tile, rows)
        tiles[rows.tile] = _Rows(level, min(first, rows.first), max(past, rows.past))
    levels, firsts, pasts = map(array, zip(*tiles.values(), strict=True))
    parameters: dict[str, Any] = {
        "epoch": epoch,
        "levels": levels,
        "firsts": firsts,
        "pasts": pasts,
    }
    with binding_cursor(binary=True) as cursor:
        cursor.execute(_READ, parameters)
        found = dict(zip(tiles, cursor.fetchall(), strict=True))
    roots = []
    for rows in wanted:
        (packed,), read = found[rows.tile], tiles[rows.tile]
        if len(packed or b"") != (read.past - read.first) * HASH_BYTES:
            raise Damaged(
                f"Not all hashes of level {read.level} from {read.first} up to {read.past} are"
                " there."
            )
        start, end = ((place - read.first) * HASH_BYTES for place in (rows.first, rows.past))
        roots.append(_root(packed[start:end]))
    return roots


def _rows(start: int, end: int) -> _Rows:
    level = ((end - start).bit_length() - 1) // _TILE_BITS
    width = 1 << level * _TILE_BITS
    return _Rows(level, start // width, end // width)


def _root(digests: bytes) -> bytes:
    """Return the root over hashes that fill a tree."""
    while len(digests) > HASH_BYTES:
        digests = b"".join([
            sha256(b"\x01" + digests[at : at + 2 * HASH_BYTES]).digest()
            for at in range(0, len(digests), 2 * HASH_BYTES)
        ])  # fmt: skip
    return digests
