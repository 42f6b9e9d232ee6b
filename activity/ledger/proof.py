"""The proof that one leaf stands in a log, as c2sp.org/tlog-proof and as JSON."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from activity.ledger.merkle import HASH_BYTES, verify_inclusion
from activity.ledger.note import (
    NoteError,
    TreeHead,
    Verifier,
    decode_base64,
    open_checkpoint,
    parse_checkpoint,
    parse_number,
)

TITLE = "c2sp.org/tlog-proof@v1"


class ProofError(ValueError):
    """A proof is not written as the standard asks, or does not prove what it should."""


@dataclass(frozen=True)
class Proof:
    """Where a leaf stands, the hashes that lead from it to the root, and the signed checkpoint."""

    index: int
    hashes: list[bytes]
    checkpoint: str

    @classmethod
    def parse(cls, text: str) -> "Proof":
        """Read a C2SP tlog-proof. Extra data, which proves nothing, is passed over.

        Raises ProofError for what is not written as the standard asks.
        """
        head, _blank, checkpoint = text.partition("\n\n")
        title, *lines = head.split("\n")
        if lines and lines[0].startswith("extra "):
            del lines[0]
        if title != TITLE or not lines or not lines[0].startswith("index "):
            raise ProofError("Not a proof: it begins with its title and an index.")
        try:
            index = parse_number(lines[0].removeprefix("index "))
            hashes = [decode_base64(line) for line in lines[1:]]
            parse_checkpoint(checkpoint)
        except NoteError as error:
            raise ProofError(str(error)) from error
        if any(len(each) != HASH_BYTES for each in hashes):
            raise ProofError(f"A hash has {HASH_BYTES} bytes.")
        return cls(index, hashes, checkpoint)

    @property
    def text(self) -> str:
        """Return it as a C2SP tlog-proof."""
        lines = [TITLE, f"index {self.index}"]
        lines += [base64.b64encode(each).decode() for each in self.hashes]
        return "\n".join(lines) + "\n\n" + self.checkpoint

    def as_json(self, leaf_hash: bytes) -> dict[str, Any]:
        """Return the same, and the leaf's hash, as JSON has it: hashes in hex."""
        head = parse_checkpoint(self.checkpoint)
        return {
            "origin": head.origin,
            "index": self.index,
            "size": head.size,
            "leaf": leaf_hash.hex(),
            "hashes": [each.hex() for each in self.hashes],
            "root": head.root.hex(),
            "checkpoint": self.checkpoint,
        }

    def check(self, leaf_hash: bytes, verifiers: Iterable[Verifier]) -> TreeHead:
        """Return the signed checkpoint under which the leaf stands.

        Raises ProofError where the leaf does not lead to its root, NoteError where none of those
        keys signed it.
        """
        head = open_checkpoint(self.checkpoint, verifiers)
        if not verify_inclusion(self.index, head.size, leaf_hash, self.hashes, head.root):
            raise ProofError(f"The leaf {self.index} does not lead to the root over {head.size}.")
        return head
