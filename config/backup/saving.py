"""Makes a backup: database and uploads of one moment."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection, models, transaction
from django.db.models import Max

from activity.models import ActivityEvent
from activity.recording import Draft, write
from config.backup import keys, programs, unfinished
from config.backup.archive import DUMP, FILES, Writer
from config.backup.manifest import Manifest
from config.backup.problem import Problem

# Fast is worth more than small: level 6 took twice the time for a sixth less.
DUMPING = ("--format=custom", "--compress=1", "--no-owner", "--no-privileges")
# What lies on the server compressed as above, by experience a fifth, and some more.
DUMPED = 0.3
_ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"


@dataclass(frozen=True)
class Saved:
    """A backup that was made: what it is of, its `size` in bytes, the SHA-256 of its manifest."""

    manifest: Manifest
    size: int
    sum: str


def save(file: Path, progress: Callable[[str], None], *, force: bool = False) -> Saved:
    """Write a backup to `file`, whole or not at all, and note it in the log.

    `progress` is told, as sentences, how far it is. Raises Problem, OSError and DatabaseError.
    """
    if file.exists() and not force:
        raise Problem(f"{file} is there already: name another file, or replace it with --force.")
    if unfinished.found():
        raise Problem("This database was not restored to the end: run that restore again first.")
    dumping = programs.found("pg_dump", connection.pg_version // 10_000)
    # Made for its owner alone.
    try:
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".part", dir=file.parent)
    except OSError as error:
        raise Problem(f"{file} cannot be written: {error.strerror}.") from error
    part = Path(name)
    try:
        with os.fdopen(handle, "w+b") as opened:
            saved = _write(Writer(opened), dumping, file, progress)
        with transaction.atomic():
            _note(saved)
            part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return saved


def newest() -> Any:
    """Return when the newest backup was made that the log knows of, or None."""
    made = ActivityEvent.objects.filter(verb="backup.created")
    return made.aggregate(newest=Max("occurred_at"))["newest"]


def _write(writer: Writer, dumping: Path, file: Path, progress: Callable[[str], None]) -> Saved:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_ONE_MOMENT)
        cursor.execute("SELECT pg_export_snapshot()")
        [snapshot] = cursor.fetchone()
        manifest = Manifest.of_now(keys.fingerprint())
        _require_room(file, manifest)
        progress("Database ...")
        _dump(writer, dumping, snapshot)
        progress("Files ...")
        # Files never change, and those that go meanwhile belong to what was deleted meanwhile.
        for name in _named():
            try:
                with default_storage.open(name) as content:
                    manifest.file_bytes += writer.add(f"{FILES}{name}", content)
                    manifest.counts["files"] += 1
            except FileNotFoundError:
                manifest.missing += 1
    total = writer.close(manifest)
    return Saved(manifest, writer.size, total)


def _dump(writer: Writer, program: Path, snapshot: str) -> None:
    """Add what pg_dump writes of the moment that this transaction sees."""
    own = f"--exclude-table={unfinished.TABLE}"
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(
            [program, *DUMPING, own, f"--snapshot={snapshot}", "--no-password"],
            env=programs.environment(),
            stdout=subprocess.PIPE,
            stderr=said,
        ) as process:
            try:
                writer.add(DUMP, process.stdout)
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            said.seek(0)
            raise Problem(
                f"pg_dump failed: {programs.reason(said.read())}. A backup is made as the owner of "
                "the tables: name them in DATABASE_URL, as for migrate."
            )


def _named() -> Iterator[str]:
    """Yield the names of all uploads that the database knows of, each once."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField) and field.storage == default_storage:
                rows = model._default_manager.exclude(**{field.name: ""}).order_by()
                yield from rows.values_list(field.name, flat=True).iterator()


def _note(saved: Saved) -> None:
    """Record that everything was taken out."""
    counts = saved.manifest.counts
    payload: dict[str, Any] = {name: counts[name] for name in ("contacts", "events", "files")}
    payload |= {"bytes": saved.size, "sha256": saved.sum}
    write([Draft("backup.created", "backup", None, None, payload)])


def _require_room(file: Path, manifest: Manifest) -> None:
    """Raise Problem where the disk is certainly too full; what uploads need shows as it is read."""
    needed = int(manifest.database_bytes * DUMPED)
    free = shutil.disk_usage(file.parent).free
    if free < needed:
        raise Problem(
            f"The disk of {file.parent} has {free >> 20:,} MB free, and the database alone takes "
            f"about {needed >> 20:,} MB: free some space, or name a file on another disk."
        )
