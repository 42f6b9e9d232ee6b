"""The keys of an installation, kept apart from its backups: who holds both holds everything."""

import hashlib
import hmac
import json
import os
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from activity.ledger import keys
from activity.ledger.refusal import CannotSeal
from config.backup.problem import Problem

_PURPOSE = b"annals.backup"


def fingerprint() -> str:
    """Return what tells whether SECRET_KEY is the same later, and not what it is."""
    return hmac.new(settings.SECRET_KEY.encode(), _PURPOSE, hashlib.sha256).hexdigest()


def save(file: Path, *, force: bool = False) -> list[str]:
    """Write the keys into a file for its owner alone; return, as sentences, what it lacks.

    A file that holds the same keys is left alone. Raises Problem where another one is there, unless
    `force`, and OSError.
    """
    held = {"SECRET_KEY": settings.SECRET_KEY, "ANNALS_LEDGER_KEY": ""}
    lacks = []
    try:
        held["ANNALS_LEDGER_KEY"] = keys.written(keys.seed())
    except CannotSeal as problem:
        lacks.append(f"{file} has no key of the log. {problem}")
    if file.exists() and not force:
        if _read(file) == held:
            return lacks
        raise Problem(f"{file} is there, and holds something else: name another file, or --force.")
    _write(file, json.dumps(held, indent=2) + "\n")
    return lacks


def put_back(file: Path) -> list[str]:
    """Have this installation use the keys in a file; return, as sentences, what is left to do.

    What the environment names is not this program's to change: where it names another key, that
    raises Problem.
    """
    held = _read(file)
    to_do = []
    if held["SECRET_KEY"] != settings.SECRET_KEY:
        if os.environ.get("SECRET_KEY"):
            raise Problem(
                f"SECRET_KEY is another than in {file}: set it to that one, then restore."
            )
        _write(Path(settings.ANNALS_VAR) / "secret_key", held["SECRET_KEY"])
        # What follows here, as erasing again, has to make the fingerprints of then.
        settings.SECRET_KEY = held["SECRET_KEY"]
    if held["ANNALS_LEDGER_KEY"]:
        to_do += _put_back_ledger_key(file, held["ANNALS_LEDGER_KEY"])
    return to_do


def _put_back_ledger_key(file: Path, value: str) -> list[str]:
    try:
        place = keys.key_file()
    except CannotSeal:
        return [f"Set ANNALS_LEDGER_KEY to the one in {file}: until then nothing is sealed."]
    if place and not place.exists():
        _write(place, f"{value}\n")
    with suppress(CannotSeal):
        if keys.written(keys.read(place) if place else keys.seed()) == value:
            return []
    where = f"in {place}" if place else "in ANNALS_LEDGER_KEY"
    raise Problem(
        f"The key of the log {where} is another than in {file}: put that one there first."
    )


def _read(file: Path) -> dict[str, str]:
    try:
        held = json.loads(file.read_text(encoding="utf-8"))
        return {name: str(held[name]) for name in ("SECRET_KEY", "ANNALS_LEDGER_KEY")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Problem(f"{file} is no file of keys that Annals wrote ({error}).") from error


def _write(file: Path, text: str) -> None:
    unfinished = file.with_name(f".{file.name}.part")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as writing:
        writing.write(text)
        writing.flush()
        os.fsync(descriptor)
    unfinished.replace(file)
