"""Signed notes and checkpoints as others write and read them: c2sp.org/signed-note and
c2sp.org/tlog-checkpoint, with Ed25519 signatures.

A note is a text that ends in a newline, a blank line, and lines of signatures. A checkpoint is a
note whose text names a log (its origin), the size of its tree, and the root of it.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_ED25519 = b"\x01"  # the type of signature, in a key's encoding and under its id
_MAX_SIGNATURES = 100
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NAME = re.compile(r"[^\s+]+")
_NUMBER = re.compile(r"0|[1-9][0-9]*")


class NoteError(ValueError):
    """A note, checkpoint or key is not written as the standard asks, or not signed as it says."""


class TreeHead(NamedTuple):
    """What a checkpoint says: in this log, so many leaves have this root."""

    origin: str
    size: int
    root: bytes


def decode_base64(text: str) -> bytes:
    """Return the bytes of strict standard base64; raises NoteError for any other spelling."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteError(f"Not base64: {text[:80]!r}") from error
    if base64.b64encode(decoded).decode() != text:
        raise NoteError(f"Not base64 in its one right spelling: {text[:80]!r}")
    return decoded


def parse_number(text: str) -> int:
    """Return a decimal number that has no sign and no leading zero; raises NoteError else."""
    if not _NUMBER.fullmatch(text) or len(text) > 19:
        raise NoteError(f"Not a size: {text[:80]!r}")
    return int(text)


def _key_id(name: str, public_key: bytes) -> bytes:
    return hashlib.sha256(f"{name}\n".encode() + _ED25519 + public_key).digest()[:4]


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name) or _CONTROL.search(name):
        raise NoteError(f"A key's name has no spaces and no plus: {name[:80]!r}")
    return name


class Verifier:
    """A public key with its name, as `name+id+base64` (a C2SP vkey) has it.

    `vkey` is that text, `name` and `key_id` (4 bytes) are what its signature lines begin with.
    """

    def __init__(self, vkey: str) -> None:
        """Read a vkey; raises NoteError where its parts are malformed or do not fit together."""
        name, _plus, rest = vkey.partition("+")
        key_id, _plus, encoded = rest.partition("+")
        self.vkey, self.name = vkey, _checked_name(name)
        key = decode_base64(encoded)
        if len(key) != 33 or not key.startswith(_ED25519):
            raise NoteError(f"Not an Ed25519 key: {vkey[:80]!r}")
        self.key_id = _key_id(name, key[1:])
        if key_id != self.key_id.hex():
            raise NoteError(f"The id of a key does not fit its name and itself: {vkey[:80]!r}")
        self._public_key = Ed25519PublicKey.from_public_bytes(key[1:])

    def verify(self, text: str, signature: bytes) -> bool:
        """Tell whether a signature over a text was made with this key."""
        try:
            self._public_key.verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class Signer:
    """A private key with its name. `vkey` is its public half, in one line for others to keep."""

    def __init__(self, name: str, seed: bytes) -> None:
        """Make the key of a 32-byte seed (RFC 8032); raises NoteError for an unfit name or seed."""
        if len(seed) != 32:
            raise NoteError("The seed of an Ed25519 key has 32 bytes.")
        self.name = _checked_name(name)
        self._private_key = Ed25519PrivateKey.from_private_bytes(seed)
        public_key = self._private_key.public_key().public_bytes_raw()
        self.key_id = _key_id(name, public_key)
        encoded = base64.b64encode(_ED25519 + public_key).decode()
        self.vkey = f"{name}+{self.key_id.hex()}+{encoded}"

    def line(self, text: str) -> str:
        """Return the line of a note that signs a text."""
        signature = self.key_id + self._private_key.sign(text.encode())
        return f"— {self.name} {base64.b64encode(signature).decode()}\n"


def sign(text: str, *signers: Signer) -> str:
    """Return a text as a note signed by each. Raises NoteError for a text no note can hold."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise NoteError("A note's text ends in a newline and holds no control characters.")
    return text + "\n" + "".join(signer.line(text) for signer in signers)


def open_note(note: str, verifiers: Iterable[Verifier]) -> tuple[str, list[Verifier]]:
    """Return a note's text, and which of the known keys signed it: one at least.

    Raises NoteError for what is no note, for a wrong signature in the name of a known key, and
    where no known key has signed. Signatures of keys unknown here count for nothing.
    """
    text, blank, rest = note.rpartition("\n\n")
    text += "\n"
    lines = rest.split("\n")
    if not blank or lines.pop() or not lines or _CONTROL.search(note):
        raise NoteError("Not a signed note.")
    if len(lines) > _MAX_SIGNATURES:
        raise NoteError(f"More than {_MAX_SIGNATURES} signatures.")
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    signed: list[Verifier] = []
    for line in lines:
        dash, _space, named = line.partition(" ")
        name, _space, encoded = named.partition(" ")
        signature = decode_base64(encoded)
        if dash != "—" or _checked_name(name) != name or len(signature) < 5:
            raise NoteError(f"Not a line of a signature: {line[:80]!r}")
        verifier = known.get((name, signature[:4]))
        if verifier is None or verifier in signed:
            continue
        if not verifier.verify(text, signature[4:]):
            raise NoteError(f"The signature of {name} does not fit the text.")
        signed.append(verifier)
    if not signed:
        raise NoteError("No known key has signed this.")
    return text, signed


def checkpoint_body(origin: str, size: int, root: bytes) -> str:
    """Return the text that a checkpoint signs: the log, its number of leaves, its root."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


def parse_checkpoint(text: str) -> TreeHead:
    """Read a checkpoint's text (of a note or alone), not who signed it.

    Lines after the third, which the standard allows but advises against, are passed over. Raises
    NoteError for what is no checkpoint.
    """
    lines = text.partition("\n\n")[0].removesuffix("\n").split("\n")
    if len(lines) < 3 or not all(lines):
        raise NoteError("A checkpoint has a line each for its log, its size and its root.")
    origin, size, root = lines[0], parse_number(lines[1]), decode_base64(lines[2])
    if len(root) != 32:
        raise NoteError("The root of a tree has 32 bytes.")
    return TreeHead(origin, size, root)


def open_checkpoint(note: str, verifiers: Iterable[Verifier]) -> TreeHead:
    """Return what a signed checkpoint says. Raises NoteError as `open_note` and
    `parse_checkpoint` do, and where none of those who signed goes by the log's name.
    """
    text, signed = open_note(note, verifiers)
    head = parse_checkpoint(text)
    if all(verifier.name != head.origin for verifier in signed):
        raise NoteError(f"The log {head.origin} has not signed this itself.")
    return head
