"""The tree in the database, and the proofs that are read from it."""

import hashlib

import pytest
from django.db import IntegrityError

from activity.ledger import tree
from activity.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from activity.models import Leaf, Node
from tests.activity.ledger.backups import tamper

pytestmark = pytest.mark.django_db
# Around the borders of 256 and 65,536 leaves, where nodes are completed.
SIZES = [1, 2, 3, 255, 256, 257, 511, 512, 700, 1023, 1024, 1025]
TALL = 66_100


def leaves(start: int, end: int) -> list[tuple[int, bytes]]:
    return [(index + 1, hashlib.sha256(b"%d" % index).digest()) for index in range(start, end)]


def grow(*sizes: int) -> Frontier:
    """Append leaves up to each of the sizes in turn."""
    edge = Frontier()
    for size in sizes:
        tree.append(1, edge, leaves(edge.size, size))
    return edge


def test_a_tree_that_grew_in_steps_has_the_root_of_its_leaves_at_every_size() -> None:
    edge = grow(*SIZES)
    hashes = [leaf for _event, leaf in leaves(0, SIZES[-1])]
    assert tree.size(1) == SIZES[-1]
    assert edge.root() == root_of(hashes)
    assert [tree.root(1, size) for size in SIZES] == [root_of(hashes[:size]) for size in SIZES]


def test_an_empty_tree_has_the_root_of_nothing() -> None:
    assert (tree.size(1), tree.root(1, 0)) == (0, EMPTY_ROOT)


def test_the_right_edge_goes_on_where_the_tree_ended() -> None:
    grow(300)
    edge = tree.frontier(1, 300)
    tree.append(1, edge, leaves(300, 900))
    assert tree.root(1, 900) == edge.root() == root_of([leaf for _, leaf in leaves(0, 900)])


def test_every_leaf_can_be_proven_in_every_tree_that_holds_it() -> None:
    grow(*SIZES)
    for size in SIZES:
        root = tree.root(1, size)
        for index in {0, size // 3, size // 2, size - 1}:
            proof = tree.inclusion_proof(1, index, size)
            assert verify_inclusion(index, size, leaves(index, index + 1)[0][1], proof, root)


def test_every_tree_is_proven_to_begin_with_every_earlier_one() -> None:
    grow(*SIZES)
    for new in SIZES:
        for old in (size for size in SIZES if size <= new):
            proof = tree.consistency_proof(1, old, new)
            assert verify_consistency(old, new, tree.root(1, old), tree.root(1, new), proof)


def test_a_tall_tree_is_read_from_its_nodes_of_both_levels() -> None:
    edge = grow(40_000, TALL)
    assert list(Node.objects.filter(level=2).values_list("index", flat=True)) == [0]
    assert Node.objects.filter(level=1).count() == TALL // 256
    assert tree.root(1, TALL) == edge.root()
    proof = tree.inclusion_proof(1, 65_537, TALL)
    assert verify_inclusion(65_537, TALL, leaves(65_537, 65_538)[0][1], proof, edge.root())
    assert verify_consistency(
        65_000, TALL, tree.root(1, 65_000), edge.root(), tree.consistency_proof(1, 65_000, TALL)
    )


def test_reading_a_proof_takes_one_query(django_assert_num_queries: object) -> None:
    grow(1025)
    with django_assert_num_queries(1):
        tree.inclusion_proof(1, 300, 1025)


@pytest.mark.parametrize(("index", "size"), [(5, 5), (-1, 5), (0, 0)])
def test_a_leaf_that_is_not_in_the_tree_has_no_proof(index: int, size: int) -> None:
    grow(5)
    with pytest.raises(ValueError, match="no leaf"):
        tree.inclusion_proof(1, index, size)


@pytest.mark.parametrize("table", ["activity_leaf", "activity_node"])
def test_a_hash_that_is_gone_is_no_proof_of_anything(table: str) -> None:
    grow(700)
    tamper(f"DELETE FROM {table} WHERE index = 1")
    with pytest.raises(tree.Damaged):
        tree.inclusion_proof(1, 0, 700)


def test_trees_of_two_epochs_do_not_mix() -> None:
    grow(300)
    other = Frontier()
    tree.append(2, other, [(event + 1000, leaf) for event, leaf in leaves(5, 50)])
    assert tree.root(2, 45) == other.root() == root_of([leaf for _, leaf in leaves(5, 50)])


def test_an_event_has_one_place() -> None:
    edge = grow(3)
    with pytest.raises(IntegrityError):
        tree.append(1, edge, leaves(2, 3))


def test_places_are_dense() -> None:
    grow(2, 3, 7)
    assert list(Leaf.objects.order_by("index").values_list("index", "event_id")) == [
        (index, index + 1) for index in range(7)
    ]
