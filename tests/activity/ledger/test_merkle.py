"""The tree of hashes is the one of RFC 6962, and its proofs prove what they say and no more."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activity.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    complete_subtrees,
    consistency_path,
    fold,
    inclusion_path,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# The eight-leaf tree of the reference implementations of RFC 6962.
LEAVES = [
    hashlib.sha256(b"\x00" + bytes.fromhex(leaf)).digest()
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
PROOF_OF_5_IN_8 = [
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
]
PROOF_FROM_6_TO_8 = ["0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"]
PROOF_FROM_6_TO_8 += PROOF_OF_5_IN_8[1:]
SIZES = st.integers(1, 700)


def leaves(count: int) -> list[bytes]:
    return [hashlib.sha256(b"\x00" + str(number).encode()).digest() for number in range(count)]


def unhex(hashes: list[str]) -> list[bytes]:
    return [bytes.fromhex(each) for each in hashes]


def hashes_along(path: list[tuple[int, int]], hashes: Sequence[bytes]) -> list[bytes]:
    return [root_of(hashes[start:end]) for start, end in path]


def flipped(value: bytes, bit: int) -> bytes:
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def edge_of(hashes: Sequence[bytes]) -> Frontier:
    frontier = Frontier()
    for each in hashes:
        frontier.append(each)
    return frontier


@pytest.mark.parametrize("size", ROOTS)
def test_the_roots_are_the_known_ones_in_both_ways(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size]
    assert edge_of(LEAVES[:size]).root().hex() == ROOTS[size]
    assert EMPTY_ROOT.hex() == ROOTS[0]


def test_the_proof_of_a_leaf_is_the_known_one() -> None:
    proof = hashes_along(inclusion_path(5, 8), LEAVES)
    assert proof == unhex(PROOF_OF_5_IN_8)
    assert verify_inclusion(5, 8, LEAVES[5], proof, bytes.fromhex(ROOTS[8]))


def test_the_proof_of_consistency_is_the_known_one() -> None:
    proof = hashes_along(consistency_path(6, 8), LEAVES)
    assert proof == unhex(PROOF_FROM_6_TO_8)
    assert verify_consistency(6, 8, root_of(LEAVES[:6]), bytes.fromhex(ROOTS[8]), proof)


@given(SIZES)
def test_both_ways_to_a_root_agree(size: int) -> None:
    assert edge_of(leaves(size)).root() == root_of(leaves(size))


@given(SIZES, st.data())
def test_every_leaf_can_be_proved(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    proof = hashes_along(inclusion_path(index, size), hashes)
    assert verify_inclusion(index, size, hashes[index], proof, root_of(hashes))


@given(SIZES, st.data())
def test_every_growth_can_be_proved(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    hashes = leaves(new)
    proof = hashes_along(consistency_path(old, new), hashes)
    assert verify_consistency(old, new, root_of(hashes[:old]), root_of(hashes), proof)


@given(SIZES, st.data())
def test_a_proof_that_was_touched_proves_nothing(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    root = root_of(hashes)
    proof = hashes_along(inclusion_path(index, size), hashes)
    bit = data.draw(st.integers(0, 255))
    assert not verify_inclusion(index, size, flipped(hashes[index], bit), proof, root)
    assert not verify_inclusion(index, size, hashes[index], proof, flipped(root, bit))
    assert not verify_inclusion(index, size, hashes[index], [*proof, root], root)
    assert not verify_inclusion(index, size, hashes[index], [root, *proof], root)
    for place in range(len(proof)):
        forged = [*proof]
        forged[place] = flipped(forged[place], bit)
        assert not verify_inclusion(index, size, hashes[index], forged, root)
        shortened = proof[:place] + proof[place + 1 :]
        assert not verify_inclusion(index, size, hashes[index], shortened, root)
    for other in {-1, index - 1, index + 1, size, data.draw(st.integers(0, 2 * size))} - {index}:
        assert not verify_inclusion(other, size, hashes[index], proof, root)


@given(SIZES.filter(lambda size: size > 1), st.data())
def test_a_proof_of_growth_that_was_touched_proves_nothing(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new - 1))
    hashes = leaves(new)
    old_root, new_root = root_of(hashes[:old]), root_of(hashes)
    proof = hashes_along(consistency_path(old, new), hashes)
    bit = data.draw(st.integers(0, 255))
    assert not verify_consistency(old, new, flipped(old_root, bit), new_root, proof)
    assert not verify_consistency(old, new, old_root, flipped(new_root, bit), proof)
    assert not verify_consistency(old, new, old_root, new_root, [*proof, new_root])
    assert not verify_consistency(old, new, old_root, new_root, [])
    for place in range(len(proof)):
        forged = [*proof]
        forged[place] = flipped(forged[place], bit)
        assert not verify_consistency(old, new, old_root, new_root, forged)
        shortened = proof[:place] + proof[place + 1 :]
        assert not verify_consistency(old, new, old_root, new_root, shortened)


@pytest.mark.parametrize("size", [0, 1, 4, 5, 6, 7, 9, 16])
def test_the_known_proof_fits_no_other_size(size: int) -> None:
    proof, root = unhex(PROOF_OF_5_IN_8), bytes.fromhex(ROOTS[8])
    # RFC 9162 folds this proof in the same way for sizes 7 and 8; the signed root tells them apart.
    assert not verify_inclusion(5, size, LEAVES[5], proof, root) or size == 7


@pytest.mark.parametrize(("old", "new"), [(0, 8), (0, 0), (-1, 8), (9, 8), (8, 7)])
def test_sizes_that_make_no_sense_prove_nothing(old: int, new: int) -> None:
    root = bytes.fromhex(ROOTS[8])
    assert not verify_consistency(old, new, root, root, unhex(PROOF_FROM_6_TO_8))
    assert not verify_consistency(old, new, root, root, [])
    with pytest.raises(ValueError, match="cannot continue"):
        consistency_path(old, new)


def test_a_tree_continues_itself_and_needs_no_proof_for_it() -> None:
    root = bytes.fromhex(ROOTS[8])
    assert verify_consistency(8, 8, root, root, [])
    assert not verify_consistency(8, 8, root, root, [root])
    assert not verify_consistency(8, 8, root, LEAVES[0], [])


@pytest.mark.parametrize("index", [-1, 8, 9])
def test_a_leaf_that_is_not_there_has_no_path(index: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_path(index, 8)


def test_what_is_no_hash_is_not_taken_for_one() -> None:
    left, right = LEAVES[0], LEAVES[1]
    root = node_hash(left, right)
    assert verify_inclusion(0, 2, left, [right], root)
    assert not verify_inclusion(0, 2, left, [right + b"\x00"], root)
    # 64 bytes that are two hashes would otherwise pass as one node further up.
    assert not verify_inclusion(0, 1, left + right, [], left + right)


def test_the_edge_tells_which_nodes_over_256_leaves_it_completed() -> None:
    hashes = leaves(600)
    frontier = Frontier()
    completed = [node for each in hashes for node in frontier.append(each)]
    assert completed == [(1, 0, root_of(hashes[:256])), (1, 1, root_of(hashes[256:512]))]


def test_the_edge_goes_on_from_complete_nodes_as_from_their_leaves() -> None:
    hashes = leaves(256)
    node = root_of(hashes)
    frontier = Frontier()
    completed = []
    for _ in range(256):
        completed += frontier.append(node, 256)
    frontier.append(hashes[0])
    assert [(level, index) for level, index, _ in completed] == [(2, 0)]
    assert frontier.size == 65537
    assert frontier.root() == node_hash(completed[0][2], hashes[0])


@pytest.mark.parametrize("count", [0, -1, 3, 256])
def test_a_subtree_that_does_not_fit_the_edge_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        edge_of(LEAVES[:5]).append(LEAVES[5], count)


@given(SIZES, st.data())
def test_ragged_ranges_fold_from_complete_subtrees(size: int, data: st.DataObject) -> None:
    hashes = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    for start, end in inclusion_path(index, size):
        parts = complete_subtrees(start, end)
        assert all((right - left).bit_count() == 1 and left % (right - left) == 0
                   for left, right in parts)  # fmt: skip
        assert fold(hashes_along(parts, hashes)) == root_of(hashes[start:end])
