#!/usr/bin/env python3
"""Check the proof of an event, without Annals and without a network.

    python3 verify.py                     checks what lies beside this file
    python3 verify.py --key KEY           and that a key you have from elsewhere signed it
    python3 verify.py --checkpoint FILE   and that it continues a checkpoint you have from elsewhere

Needs Python 3.11 and the package "cryptography". It says what holds, and ends with 0 if all of it
does, with 1 if something does not, with 2 if something could not be checked. The formats are open:
RFC 9162, c2sp.org/signed-note, /tlog-checkpoint and /tlog-proof. This file shares no code with
Annals on purpose, so that each can be held against the other.
"""

import argparse
import base64
import hashlib
import hmac
import json
import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

NEXT_KEY = "annals: the next key of this log"  # and in the line after it, signed by the key before


class Wrong(ValueError):
    """Something does not hold."""


class Unknown(Exception):
    """Something could not be checked."""


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of JSON that can be read in one way only."""
    if len(dict(pairs)) != len(pairs):
        raise Wrong("A key stands twice.")
    return dict(pairs)


def read_json(path: Path) -> Any:
    """Return what a file of JSON holds."""
    return json.loads(path.read_bytes(), object_pairs_hook=unique)


def unbase64(text: str, length: int) -> bytes:
    """Return so many bytes from base64 in its one right spelling."""
    content = base64.b64decode(text, validate=True)
    if len(content) != length or base64.b64encode(content).decode() != text:
        raise Wrong(f"{text[:60]!a} is not {length} bytes in base64.")
    return content


def number(text: str) -> int:
    """Return a whole number without sign and leading zeros."""
    if not re.fullmatch("0|[1-9][0-9]{0,18}", text):
        raise Wrong(f"{text[:60]!a} is no number.")
    return int(text)


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash above two others (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def climb(place: int, last: int, start: bytes, siblings: list[bytes]) -> tuple[bytes, bytes]:
    """Return the roots of the tree that ends at `place`, and of the one that ends at `last`.

    The loop of RFC 9162, 2.1.4.2; for the second root it is that of 2.1.3.2.
    """
    before = after = start
    for sibling in siblings:
        if not last:
            raise Wrong("A proof has more hashes than it needs.")
        if place % 2 or place == last:
            before, after = node(sibling, before), node(sibling, after)
            while place and not place % 2:
                place, last = place // 2, last // 2
        else:
            after = node(after, sibling)
        place, last = place // 2, last // 2
    if last:
        raise Wrong("A proof has fewer hashes than it needs.")
    return before, after


def continues(old: int, old_root: bytes, new: int, new_root: bytes, proof: list[bytes]) -> bool:
    """Tell whether a tree continues an older one (RFC 9162, 2.1.4.2)."""
    path = proof if old & (old - 1) else [old_root, *proof]
    if old == new or not 0 < old < new or not path:
        return old == new and not proof and old_root == new_root
    place, last = old - 1, new - 1
    while place % 2:
        place, last = place // 2, last // 2
    return climb(place, last, path[0], path[1:]) == (old_root, new_root)


def read_checkpoint(note: str) -> tuple[str, int, bytes]:
    """Return the log, the size and the root that a checkpoint names (c2sp.org/tlog-checkpoint)."""
    log, size, root, *_more = note.partition("\n\n")[0].rstrip("\n").split("\n")
    return log, number(size), unbase64(root, 32)


def signed_by(note: str, key: str) -> bool:
    """Tell whether a key signed a note (c2sp.org/signed-note)."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - main says how to get it
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415

    name, _plus, rest = key.partition("+")
    identity, _plus, encoded = rest.partition("+")
    public = unbase64(encoded, 33)
    hashed = hashlib.sha256(f"{name}\n".encode() + public).digest()[:4]
    if public[:1] != b"\x01" or hashed.hex() != identity:
        raise Wrong(f"{key[:99]!a} is no key.")
    verifier = ed25519.Ed25519PublicKey.from_public_bytes(public[1:])
    text, _blank, signatures = note.rpartition("\n\n")
    for line in signatures.removesuffix("\n").split("\n"):
        dash, _space, signature = line.rpartition(" ")
        if dash == f"— {name}" and base64.b64decode(signature, validate=True)[:4] == hashed:
            try:
                verifier.verify(unbase64(signature, 68)[4:], f"{text}\n".encode())
            except InvalidSignature:
                raise Wrong(f"The signature of {key!a} does not fit.") from None
            return True
    return False


class Bundle:
    """What a proof consists of: its folder, and what leaf.json and proof.txt in there say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.leaf = hashlib.sha256(b"\x00" + (folder / "leaf.json").read_bytes()).digest()
        self.event = read_json(folder / "leaf.json")
        head, _blank, self.note = (folder / "proof.txt").read_bytes().decode().partition("\n\n")
        title, index, *hashes = [*head.split("\n"), ""]
        if title != "c2sp.org/tlog-proof@v1" or not index.startswith("index "):
            raise Wrong("proof.txt is not written as c2sp.org/tlog-proof asks.")
        self.index = number(index.removeprefix("index "))
        self.hashes = [unbase64(line, 32) for line in hashes[:-1]]
        self.log, self.size, self.root = read_checkpoint(self.note)

    def check_content(self) -> str:
        """Check that the payload is the one that the event was bound to."""
        payload, salt = self.folder / "payload.json", self.folder / "salt.txt"
        if not payload.exists() and not salt.exists():
            return "What the event said is not in here: it was erased since, or left out."
        read_json(payload)  # can be read, and in one way only
        key = bytes.fromhex(salt.read_text("ascii"))
        if salt.read_bytes() != f"{key.hex()}\n".encode() or len(key) != 32:
            raise Wrong("salt.txt is not 32 bytes in hex.")
        if hmac.digest(key, payload.read_bytes(), "sha256").hex() != self.event["commitment"]:
            raise Wrong("payload.json is not what the event said when it was recorded.")
        return "payload.json is what the event said when it was recorded."

    def check_place(self) -> str:
        """Check that the event stands in the log."""
        if self.index >= self.size:
            raise Wrong(f"There is no entry {self.index} among {self.size}.")
        if climb(self.index, self.size - 1, self.leaf, self.hashes)[1] != self.root:
            raise Wrong("leaf.json is not what stands at this place of the log.")
        return f"leaf.json is entry {self.index} of the {self.size} in the log {self.log!a}."

    def check_files(self) -> str:
        """Check that all files tell of the same proof."""
        told: dict[str, Any] = {"origin": self.log, "index": self.index, "size": self.size}
        told |= {"leaf": self.leaf.hex(), "root": self.root.hex(), "checkpoint": self.note}
        told["hashes"] = [each.hex() for each in self.hashes]
        alone = (self.folder / "checkpoint.txt").read_bytes().decode()
        if read_json(self.folder / "proof.json") != told or alone != self.note:
            raise Wrong("proof.txt, proof.json and checkpoint.txt are not of the same proof.")
        return "proof.txt, proof.json and checkpoint.txt are of the same proof."

    def check_signature(self, trusted: list[str]) -> str:
        """Check who signed the checkpoint, in the name of its log."""
        listed = (self.folder / "keys.txt").read_bytes().decode().split("\n")[:-1]
        keys = [key for key in trusted or listed[:1] if key.startswith(f"{self.log}+")]
        notes = read_json(self.folder / "rotations.json")
        for note in notes:
            title, successor, *_rest = note.split("\n")
            named = title == NEXT_KEY and successor.startswith(f"{self.log}+")
            if named and any(signed_by(note, key) for key in keys):
                keys.append(successor)
        if not trusted and (keys != listed or len(keys) != len(notes) + 1):
            raise Wrong("Not each key in keys.txt was introduced by the one before it.")
        for key in keys:
            if signed_by(self.note, key):
                known = "you gave" if key in trusted else "was introduced by one you gave"
                known = known if trusted else "you have to compare"
                return f"The checkpoint is signed with the key {key!a}, which {known}."
        raise Wrong(f"The checkpoint is not signed with a key of {self.log!a} that is known here.")

    def check_growth(self, known: Path | None) -> str:
        """Check that the log has only grown since the checkpoints before, and since a known one."""
        roots = {self.size: self.root}
        for step in read_json(self.folder / "consistency.json"):
            old, hashes = step["size"], [bytes.fromhex(each) for each in step["hashes"]]
            roots[old] = bytes.fromhex(step["root"])
            if not continues(old, roots[old], self.size, self.root, hashes):
                raise Wrong(f"The log does not continue what it was at {old:d} entries.")
        if not known:
            return f"The log continues the {len(roots) - 1} earlier states in consistency.json."
        log, size, root = read_checkpoint(known.read_text("utf-8"))
        if log != self.log or size not in roots:
            raise Unknown(f"Ask for a proof since {size} entries of {log!a}, your checkpoint.")
        if roots[size] != root:
            raise Wrong(f"The log's first {size} entries are not those of your checkpoint.")
        return f"The log still holds the {size} entries of your checkpoint, unchanged."


def attempt(check: Callable[[], Any]) -> tuple[int, Any]:
    """Return 0 and what a check says, or 1 or 2 and why it does not hold or cannot be made."""
    try:
        return 0, check()
    except ImportError:
        return 2, "The package is missing: python3 -m pip install cryptography"
    except (Unknown, OSError) as problem:
        return 2, problem
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as problem:
        return 1, problem if isinstance(problem, Wrong) else f"A file cannot be read: {problem!a}"


def main(arguments: list[str] | None = None) -> int:
    """Check a bundle; returns 0 if all holds, 1 if something does not, 2 if one cannot tell."""
    parser = argparse.ArgumentParser(description="Check the proof of an event, without Annals.")
    parser.add_argument("folder", type=Path, nargs="?", default=Path(__file__).parent)
    parser.add_argument("--key", action="append", default=[], help="one you trust, from elsewhere")
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="one from elsewhere")
    given = parser.parse_args(arguments)
    found = [attempt(partial(Bundle, given.folder))]
    if found[0][0] == 0:
        bundle = found.pop()[1]
        sys.stdout.write(json.dumps(bundle.event, indent=4) + "\n")
        checks = [bundle.check_content, bundle.check_place, bundle.check_files]
        checks += [partial(bundle.check_signature, given.key)]
        checks += [partial(bundle.check_growth, given.checkpoint)]
        found = [attempt(check) for check in checks]
    for status, sentence in found:
        sys.stdout.write(f"{('holds', 'WRONG', 'unknown')[status]:<9}{sentence}\n")
    state = min((status for status, _sentence in found if status), default=0)
    ends = ("All of this holds.", "This proof does not hold.", "Not all of it could be checked.")
    sys.stdout.write(ends[state] + "\n")
    return state


if __name__ == "__main__":
    sys.exit(main())
