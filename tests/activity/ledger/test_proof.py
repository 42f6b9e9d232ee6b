"""The proof of a leaf is written and read as c2sp.org/tlog-proof has it."""

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activity.ledger.merkle import inclusion_path, root_of
from activity.ledger.note import NoteError, Signer, Verifier, checkpoint_body, sign
from activity.ledger.proof import Proof, ProofError

LOG = Signer("annals.example.com/ledger/1", bytes(32))
OTHER = Signer("annals.example.com/ledger/1", bytes(range(32)))
LEAVES = [hashlib.sha256(bytes([0, number])).digest() for number in range(200)]

# The example of c2sp.org/tlog-proof, with the signatures that it shortens filled up.
EXAMPLE = f"""c2sp.org/tlog-proof@v1
extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=
RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=

example.com/fancylog
109482
sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=

— example.com/fancylog {base64.b64encode(bytes(68)).decode()}
— witness1.example {base64.b64encode(bytes(76)).decode()}
"""


def proof_of(index: int, size: int, signer: Signer = LOG) -> Proof:
    hashes = [root_of(LEAVES[start:end]) for start, end in inclusion_path(index, size)]
    note = sign(checkpoint_body(signer.name, size, root_of(LEAVES[:size])), signer)
    return Proof(index, hashes, note)


def test_the_example_of_the_standard_reads_as_it_says() -> None:
    proof = Proof.parse(EXAMPLE)
    assert proof.index == 73894
    assert len(proof.hashes) == 5
    assert base64.b64encode(proof.hashes[0]) == b"gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ="
    assert proof.checkpoint.startswith("example.com/fancylog\n109482\n")
    assert proof.checkpoint.endswith("=\n")


def test_a_proof_is_written_like_the_example() -> None:
    extra, rest = EXAMPLE.split("index", 1)
    assert Proof.parse(EXAMPLE).text == extra.splitlines()[0] + "\nindex" + rest


@given(st.integers(1, 200), st.data())
def test_a_proof_reads_as_it_was_written_and_holds(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = Proof.parse(proof_of(index, size).text)
    assert proof == proof_of(index, size)
    assert proof.check(LEAVES[index], [Verifier(LOG.vkey)]).size == size


def test_a_proof_of_another_leaf_is_refused() -> None:
    with pytest.raises(ProofError, match="does not lead"):
        proof_of(5, 8).check(LEAVES[4], [Verifier(LOG.vkey)])


def test_a_proof_signed_by_somebody_else_is_refused() -> None:
    with pytest.raises(NoteError, match="No known key"):
        proof_of(5, 8, OTHER).check(LEAVES[5], [Verifier(LOG.vkey)])


def test_json_tells_the_same() -> None:
    proof = proof_of(5, 8)
    told = proof.as_json(LEAVES[5])
    assert told["index"] == 5
    assert told["size"] == 8
    assert [bytes.fromhex(each) for each in told["hashes"]] == proof.hashes
    assert told["root"] == root_of(LEAVES[:8]).hex()
    assert told["checkpoint"] == proof.checkpoint


@pytest.mark.parametrize(
    "text",
    [
        "",
        EXAMPLE.replace("@v1", "@v2"),
        EXAMPLE.replace("index 73894\n", ""),
        EXAMPLE.replace("index 73894", "index 073894"),
        EXAMPLE.replace("index 73894", "index -1"),
        EXAMPLE.replace("index 73894", "index"),
        EXAMPLE.replace("B95l", "B9 l"),
        EXAMPLE.replace("B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=", "B95l"),
        EXAMPLE.replace("\n\n", "\n", 1),
        EXAMPLE.partition("\n\n")[0],
        EXAMPLE.replace("109482", "109 482"),
        EXAMPLE.replace("\n", "\r\n"),
    ],
)
def test_what_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(ProofError):
        Proof.parse(text)
