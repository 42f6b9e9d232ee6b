"""What others write we read, and what we write is what they write, byte for byte.

tests/data/go_sumdb_vectors.json was made by golang.org/x/mod 0.7.0, whose packages sumdb/note and
sumdb/tlog the C2SP standards go back to: leaf i of its tree is "entry i". As Ed25519 signs alike
everywhere, equal bytes mean that each side opens what the other has written.
"""

import base64
import hashlib
import json
from typing import Any

import pytest
from django.conf import settings

from activity.ledger import verify
from activity.ledger.merkle import (
    consistency_path,
    inclusion_path,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from activity.ledger.note import Signer, Verifier, checkpoint_body, open_checkpoint, sign

GO = json.loads((settings.BASE_DIR / "tests/data/go_sumdb_vectors.json").read_text())
LOG = Signer("annals.example.com/ledger/1", bytes.fromhex(GO["seed"]))
LEAVES = [hashlib.sha256(b"\x00entry %d" % number).digest() for number in range(1000)]


def unbase64(hashes: list[str]) -> list[bytes]:
    return [base64.b64decode(each) for each in hashes]


def hashes_along(path: list[tuple[int, int]]) -> list[bytes]:
    return [root_of(LEAVES[start:end]) for start, end in path]


def test_a_key_is_written_alike() -> None:
    assert GO["vkey"] == LOG.vkey


@pytest.mark.parametrize("note", GO["checkpoints"])
def test_a_checkpoint_is_written_and_read_alike(note: str) -> None:
    head = open_checkpoint(note, [Verifier(GO["vkey"])])
    assert head.root == root_of(LEAVES[: head.size])
    assert sign(checkpoint_body(*head), LOG) == note
    assert verify.read_checkpoint(note) == head
    assert verify.signed_by(note, GO["vkey"])


@pytest.mark.parametrize("proof", GO["inclusion"])
def test_a_leaf_is_proved_alike(proof: dict[str, Any]) -> None:
    size, index, hashes = proof["size"], proof["index"], unbase64(proof["hashes"])
    root = root_of(LEAVES[:size])
    assert hashes_along(inclusion_path(index, size)) == hashes
    assert verify_inclusion(index, size, LEAVES[index], hashes, root)
    assert verify.climb(index, size - 1, LEAVES[index], hashes)[1] == root


@pytest.mark.parametrize("proof", GO["consistency"])
def test_growth_is_proved_alike(proof: dict[str, Any]) -> None:
    old, new, hashes = proof["old"], proof["new"], unbase64(proof["hashes"])
    roots = root_of(LEAVES[:old]), root_of(LEAVES[:new])
    assert hashes_along(consistency_path(old, new)) == hashes
    assert verify_consistency(old, new, *roots, hashes)
    assert verify.continues(old, roots[0], new, roots[1], hashes)
