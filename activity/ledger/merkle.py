"""The tree of hashes of RFC 6962 (section 2) and RFC 9162, as arithmetic on hashes alone.

A subtree over the leaves from `start` up to, not including, `end` is written (start, end). Nothing
here reads the database or signs.
"""

import hashlib
from collections.abc import Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()
HASH_BYTES = 32
TILE = 256  # leaves, or nodes of one level, to a node of the next: C2SP tlog-tiles, height 8

Range = tuple[int, int]
CompleteNode = tuple[int, int, bytes]


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(leaves: int) -> int:
    """Return the largest power of two below a number of leaves, of which there are two or more."""
    return 1 << (leaves - 1).bit_length() - 1


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes by the definition of RFC 6962, section 2.1.

    Slow, and written without regard to `Frontier`: it is the second way to a root.
    """
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    middle = _split(len(hashes))
    return node_hash(root_of(hashes[:middle]), root_of(hashes[middle:]))


class Frontier:
    """The right edge of a growing tree: the roots of its complete subtrees, largest first.

    `size` is how many leaves it has taken in.
    """

    def __init__(self) -> None:
        """Begin with the empty tree."""
        self.size = 0
        self._subtrees: list[bytes] = []

    def append(self, subtree: bytes, leaves: int = 1) -> list[CompleteNode]:
        """Take in a leaf hash, or the root of a complete subtree over that many leaves.

        Returns the nodes over 256, 65,536, ... leaves that this completed, lowest first, each as
        (level, index, hash): level 1 index 0 stands over the leaves 0 to 255. Not the subtree that
        was handed in. Raises ValueError where the subtree does not fit onto the edge.
        """
        if leaves < 1 or leaves & (leaves - 1) or self.size % leaves:
            raise ValueError(f"A subtree of {leaves} leaves does not fit at {self.size}.")
        completed = []
        width, position = leaves, self.size // leaves
        while position & 1:
            subtree = node_hash(self._subtrees.pop(), subtree)
            width, position = width * 2, position // 2
            level, odd = divmod(width.bit_length() - 1, TILE.bit_length() - 1)
            if not odd:
                completed.append((level, position, subtree))
        self._subtrees.append(subtree)
        self.size += leaves
        return completed

    def root(self) -> bytes:
        """Return the root over everything taken in so far."""
        if not self._subtrees:
            return EMPTY_ROOT
        *larger, root = self._subtrees
        for subtree in reversed(larger):
            root = node_hash(subtree, root)
        return root


def complete_subtrees(start: int, end: int) -> list[Range]:
    """Return the complete subtrees, left to right, that together cover leaves `start` to `end`.

    `start` must lie on a boundary of the tree, as in the ranges of the paths below; then the
    nodes of these fold from the right into the hash of the whole (see `fold`).
    """
    covering = []
    while start < end:
        width = 1 << (end - start).bit_length() - 1
        covering.append((start, start + width))
        start += width
    return covering


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over neighbouring subtrees that `complete_subtrees` named."""
    *larger, root = hashes
    for subtree in reversed(larger):
        root = node_hash(subtree, root)
    return root


def inclusion_path(index: int, size: int) -> list[Range]:
    """Return the subtrees whose hashes prove leaf `index` in a tree of `size` leaves.

    From the leaf's sibling up to the root's child (RFC 9162, 2.1.3.1). Raises ValueError for an
    index that is not in the tree.
    """
    if not 0 <= index < size:
        raise ValueError(f"There is no leaf {index} in a tree of {size}.")
    start, end, path = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return path[::-1]


def consistency_path(old: int, new: int) -> list[Range]:
    """Return the subtrees whose hashes prove that a tree of `new` leaves continues one of `old`.

    In the order of RFC 9162, 2.1.4.1; none for equal sizes. Raises ValueError unless
    0 < old <= new.
    """
    if not 0 < old <= new:
        raise ValueError(f"A tree of {new} leaves cannot continue one of {old}.")
    start, end, path, whole = 0, new, [], True
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start, whole = middle, False
    if not whole:
        path.append((start, end))
    return path[::-1]


def _are_hashes(*hashes: bytes) -> bool:
    return all(len(each) == HASH_BYTES for each in hashes)


def verify_inclusion(
    index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes
) -> bool:
    """Tell whether a proof leads from a leaf at `index` to the root over `size` leaves.

    RFC 9162, 2.1.3.2.
    """
    if not 0 <= index < size or not _are_hashes(leaf_hash, root, *proof):
        return False
    place, last, result = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            result = node_hash(sibling, result)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and result == root


def verify_consistency(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Tell whether a proof shows that the tree of `new` leaves continues the one of `old`.

    RFC 9162, 2.1.4.2. Nothing can be said about an empty old tree: False.
    """
    if not 0 < old <= new or not _are_hashes(old_root, new_root, *proof):
        return False
    if old == new:
        return not proof and old_root == new_root
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            before, after = node_hash(sibling, before), node_hash(sibling, after)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            after = node_hash(after, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and before == old_root and after == new_root
