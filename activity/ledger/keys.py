"""The key that signs the log: where its seed is, and which keys an epoch knows."""

import base64
import os
import secrets
from pathlib import Path

from django.conf import settings

from activity.ledger.note import NoteError, Signer, Verifier, decode_base64
from activity.ledger.refusal import CannotSeal, Refused
from activity.models import Epoch, LedgerKey

SEED_BYTES = 32  # RFC 8032, 5.1.5


def new_seed() -> bytes:
    """Return the seed of a new key."""
    return secrets.token_bytes(SEED_BYTES)


def written(seed: bytes) -> str:
    """Return a seed as ANNALS_LEDGER_KEY and key files hold it."""
    return base64.b64encode(seed).decode()


def key_file() -> Path | None:
    """Return the file that holds the seed; None where ANNALS_LEDGER_KEY is the seed itself.

    Raises CannotSeal where it is not set.
    """
    where = settings.ANNALS_LEDGER_KEY
    if not where:
        raise CannotSeal(
            "Nothing is sealed, as there is no key: set ANNALS_LEDGER_KEY to 32 random bytes in "
            "base64 (`openssl rand -base64 32`), or to the path of a file that holds them."
        )
    return None if _seed_of(where) else Path(where)


def seed() -> bytes:
    """Return the seed of the key that signs.

    With the embedded database it is made on first use. Raises CannotSeal where there is none, and
    does not make another where the log has been signed before.
    """
    file = key_file()
    if file is None:
        return _seed_of(settings.ANNALS_LEDGER_KEY) or b""
    if not file.exists() and file == _embedded() and not LedgerKey.objects.exists():
        store(file, new_seed())
    return read(file)


def read(file: Path) -> bytes:
    """Return the seed in a file; raises CannotSeal where there is none."""
    try:
        found = _seed_of(file.read_text(encoding="ascii").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise CannotSeal(
            f"The key that signs the log cannot be read from {file} ({error}). Put the file back, "
            "or name another one with ANNALS_LEDGER_KEY."
        ) from error
    if not found:
        raise CannotSeal(f"{file} should hold {SEED_BYTES} bytes in base64, on one line.")
    return found


def store(file: Path, seed: bytes) -> None:
    """Write a seed into a file for its owner alone, replacing it whole; raises CannotSeal."""
    unfinished = file.with_name(f"{file.name}.part")
    try:
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as writing:
            writing.write(f"{written(seed)}\n")
            writing.flush()
            os.fsync(descriptor)
        unfinished.replace(file)
    except OSError as error:
        raise CannotSeal(f"A new key cannot be written to {file}: {error.strerror}.") from error


def verifiers(epoch: int) -> list[Verifier]:
    """Return the public keys that an epoch knows, oldest first."""
    return [Verifier(key.vkey) for key in _known(epoch)]


def signer(epoch: Epoch) -> Signer:
    """Return the key that may sign an epoch's next checkpoint.

    Raises CannotSeal where it has been replaced by another, and Refused where the epoch does not
    know it.
    """
    ours = Signer(epoch.origin, seed())
    known = _known(epoch.number)
    if known and known[-1].vkey == ours.vkey:
        return ours
    if any(key.vkey == ours.vkey for key in known):
        raise CannotSeal(
            f"The key that signs the log was replaced from size {known[-1].from_size} on. Set "
            "ANNALS_LEDGER_KEY to the new one and restart the worker; where the key is a file, run "
            "rotate_ledger_key once more, which finishes what was interrupted."
        )
    raise Refused("key", f"The log {epoch.origin} is signed by {known[-1].vkey if known else '?'}")


def admit(epoch: Epoch, seed: bytes, from_size: int) -> LedgerKey:
    """Let a key sign an epoch's checkpoints from that size of its tree on."""
    vkey = Signer(epoch.origin, seed).vkey
    return LedgerKey.objects.create(epoch=epoch.number, vkey=vkey, from_size=from_size)


def _known(epoch: int) -> list[LedgerKey]:
    return list(LedgerKey.objects.filter(epoch=epoch).order_by("from_size", "id"))


def _embedded() -> Path:
    return Path(settings.ANNALS_VAR) / "ledger.key"


def _seed_of(text: str) -> bytes | None:
    """Return the seed that a text is; None where it is none."""
    try:
        found = decode_base64(text)
    except NoteError:
        return None
    return found if len(found) == SEED_BYTES else None
