"""The archive: a tar file that is written and read in one go, with the SHA-256 of all it holds."""

import hashlib
import io
import os
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from config.backup.manifest import Manifest
from config.backup.problem import Problem

DUMP, SUMS, MANIFEST, FILES = "database.dump", "SHA256SUMS", "manifest.json", "files/"
BLOCK = 1024 * 1024  # bytes read at once


class Writer:
    """Writes members one after the other; what it keeps of them in memory does not grow."""

    def __init__(self, file: IO[bytes]) -> None:
        """Write to `file`, which must be one that can be sought in."""
        self._file = file
        self._tar = tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT)  # noqa: SIM115
        self._sums = tempfile.TemporaryFile()  # noqa: SIM115 - read at the end
        self._time = int(time.time())
        self.size = 0  # bytes, once it is closed

    def add(self, name: str, content: IO[bytes]) -> int:
        """Add a member from a stream of unknown length; return its bytes."""
        head = self._head(name)
        place = self._file.tell()
        self._tar.addfile(head)
        digest = hashlib.sha256()
        while block := content.read(BLOCK):
            digest.update(block)
            self._file.write(block)
            head.size += len(block)
        self._file.write(bytes(-head.size % tarfile.BLOCKSIZE))
        end = self._file.tell()
        self._file.seek(place)
        self._file.write(head.tobuf(tarfile.GNU_FORMAT))  # with the size, which is known only now
        self._file.seek(end)
        self._tar.offset = end
        self._tar.members.clear()
        self._sums.write(f"{digest.hexdigest()}  {name}\n".encode())
        return head.size

    def close(self, manifest: Manifest) -> str:
        """Add the sums and the manifest, and have all reach the disk; return the manifest's sum."""
        self._sums.seek(0)
        manifest.sums = _sum(self._sums)
        self._sums.seek(0)
        sums = self._sums
        self._sums = tempfile.TemporaryFile()  # noqa: SIM115 - no line for the sums themselves
        self.add(SUMS, sums)
        text = manifest.written()
        self.add(MANIFEST, io.BytesIO(text))
        self._tar.close()
        self._file.flush()
        self.size = self._file.tell()
        os.fsync(self._file.fileno())
        return hashlib.sha256(text).hexdigest()

    def _head(self, name: str) -> tarfile.TarInfo:
        head = tarfile.TarInfo(name)
        head.mtime, head.mode = self._time, 0o600
        return head


class Reader:
    """Reads an archive; raises Problem where it is none, or not whole."""

    def __init__(self, path: Path) -> None:
        """Open the archive and read its manifest."""
        self._path = path
        found: dict[str, bytes] = {}
        for name, content in self._members():
            if name == MANIFEST:
                found[name] = content.read()
        if MANIFEST not in found:
            raise Problem(f"{path} is not whole: it ends before its manifest.")
        self.manifest = Manifest.read(found[MANIFEST])
        self.sum = hashlib.sha256(found[MANIFEST]).hexdigest()

    def verify(self) -> None:
        """Raise Problem where anything in it is not what was put in."""
        with self.member(SUMS) as sums:
            if _sum(sums) != self.manifest.sums:
                raise Problem(f"{self._path} was changed or damaged: its list of sums.")
        with self.member(SUMS) as sums:
            for name, content in self._members():
                if name in (SUMS, MANIFEST):
                    continue
                line = f"{_sum(content)}  {name}\n"
                if sums.readline() != line.encode():
                    raise Problem(f"{self._path} was changed or damaged: {name}.")
            if sums.readline():
                raise Problem(f"{self._path} was changed or damaged: something is missing.")

    def files(self) -> Iterator[tuple[str, IO[bytes]]]:
        """Yield each upload as (name in the storage, content)."""
        for name, content in self._members():
            if name.startswith(FILES):
                yield name.removeprefix(FILES), content

    @contextmanager
    def member(self, wanted: str) -> Iterator[IO[bytes]]:
        """Open one member of that name; raises Problem where there is none."""
        members = self._members()
        try:
            content = next((content for name, content in members if name == wanted), None)
            if content is None:
                raise Problem(f"{self._path} is not whole: {wanted} is missing.")
            yield content
        finally:
            members.close()

    def _members(self) -> Any:
        try:
            with tarfile.open(self._path, "r:") as tar:
                while head := tar.next():
                    tar.members.clear()
                    if head.isfile():
                        yield head.name, tar.extractfile(head)
        except tarfile.TarError as error:
            raise Problem(f"{self._path} is no backup, or is damaged ({error}).") from error
        except OSError as error:
            raise Problem(f"{self._path} cannot be read: {error.strerror}.") from error


def _sum(content: Any) -> str:
    return hashlib.file_digest(content, "sha256").hexdigest()
