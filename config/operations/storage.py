"""What is stored, and how much room is left."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import storages
from django.db import connection

KEPT_SECONDS = 600  # for which the size of a folder is told again: all its files are asked
MOST_FILES = 100_000  # that are asked; above them the size stands for more
LITTLE = 0.1  # of a disk: below it, somebody should make room


@dataclass(frozen=True)
class Folder:
    """A folder's size and that of its disk, in bytes; `is_partly` counted where it is very full."""

    name: str
    size: int
    is_partly: bool
    free: int
    disk: int

    @property
    def is_short(self) -> bool:
        """Tell whether little room is left."""
        return self.free < LITTLE * self.disk


@dataclass(frozen=True)
class Storage:
    """What the database and the folders hold, in bytes."""

    database: int
    folders: list[Folder]


def read_storage() -> Storage:
    """Return what is stored: one query, and at most every ten minutes a walk over the files."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        [database] = cursor.fetchone()
    return Storage(database, [_folder("files", "default"), _folder("exports", "exports")])


def _folder(name: str, storage: str) -> Folder:
    path = Path(getattr(storages[storage], "location", settings.ANNALS_VAR))
    size, files = cache.get_or_set(f"annals.size:{path}", lambda: _size(path), KEPT_SECONDS)
    existing = next(each for each in (path, *path.parents) if each.exists())
    disk = shutil.disk_usage(existing)
    return Folder(name, size, files >= MOST_FILES, disk.free, disk.total)


def _size(path: Path) -> tuple[int, int]:
    size = files = 0
    for file in _files(path):
        size += file
        files += 1
        if files >= MOST_FILES:
            break
    return size, files


def _files(path: Path) -> Iterator[int]:
    for folder, _folders, names in os.walk(path):
        for name in names:
            try:
                yield (Path(folder) / name).stat().st_size
            except FileNotFoundError:
                continue  # it was deleted meanwhile
