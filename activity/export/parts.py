"""Where the file of an export lies: as parts, in a folder of its own in a storage."""

import hashlib
from collections.abc import Iterator
from typing import Self

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages

CHUNK = 1024 * 1024  # bytes read at a time
HEAD, TAIL = "head", "tail"


class Parts:
    """The parts of one file. Any storage that Django knows will do: none has to append."""

    def __init__(self, folder: str) -> None:
        self.folder = folder

    @classmethod
    def all(cls) -> Iterator[Self]:
        """Yield all files that have any part."""
        try:
            folders = storages["exports"].listdir("")[0]
        except FileNotFoundError:
            return
        yield from map(cls, folders)

    def put(self, name: str | int, data: bytes) -> None:
        """Write a part: HEAD, TAIL, or a number by which those between them follow each other.

        One of that name that is there is replaced. Raises OSError where the storage cannot.
        """
        path = f"{self.folder}/{_file_name(name)}"
        self._storage.delete(path)
        self._storage.save(path, ContentFile(data))

    def chunks(self) -> Iterator[bytes]:
        """Yield the whole file, some of it at a time. Raises OSError where it cannot be read."""
        for name in sorted(self._names()):
            with self._storage.open(f"{self.folder}/{name}", "rb") as part:
                yield from part.chunks(CHUNK)

    def measure(self) -> tuple[int, str]:
        """Return the size of the whole file in bytes, and its SHA-256 in hexadecimal."""
        size, digest = 0, hashlib.sha256()
        for chunk in self.chunks():
            size += len(chunk)
            digest.update(chunk)
        return size, digest.hexdigest()

    def delete(self) -> None:
        """Take all of it away, where there is any."""
        for name in self._names():
            self._storage.delete(f"{self.folder}/{name}")
        self._storage.delete(self.folder)

    @property
    def _storage(self) -> Storage:
        return storages["exports"]

    def _names(self) -> list[str]:
        try:
            return self._storage.listdir(self.folder)[1]
        except FileNotFoundError:
            return []


def _file_name(name: str | int) -> str:
    """Return a name that sorts in the order in which the parts follow each other."""
    return f"1-{name:020}" if isinstance(name, int) else {HEAD: "0", TAIL: "2"}[name]
