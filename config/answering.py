"""Answers on their way out.

Whoever reads slowly holds memory and some disk, but no thread and no connection to the database.
"""

import asyncio
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, nullcontext
from typing import IO, Any

AT_ONCE = 64 * 1024  # bytes of an answer that are sent together
IN_MEMORY = 512 * 1024  # bytes of an answer that is made in parts; what is more goes to a file
AHEAD = 64 * 1024 * 1024  # bytes by which an answer may be made before it is sent
# For a client to take a part: what reads more slowly than 500 bytes a second is not waited for.
SEND_SECONDS = 120.0


class FileParts:
    """A file to be sent as it is (PEP 3333, wsgi.file_wrapper): the event loop has it read."""

    def __init__(self, file: IO[bytes], block_size: int = AT_ONCE) -> None:
        self._file = file

    def read(self) -> bytes:
        """Return the next part, nothing at the end."""
        return self._file.read(AT_ONCE)

    def close(self) -> None:
        """Close the file, and end the request that it was asked for with."""
        self._file.close()

    async def parts(self) -> Any:
        """Yield what is left of the file."""
        try:
            while part := await asyncio.to_thread(self.read):
                yield part
        finally:
            await asyncio.to_thread(self.close)


class Made:
    """An answer that is made in parts by a thread, and sent while that goes on.

    Between the two it waits in memory, then in a file without a name.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._news = loop, asyncio.Event()
        self._lock = threading.Condition()
        self._waiting = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  see `parts`
        self._made = self._sent = 0
        self._ended = self._left = False
        self._error: BaseException | None = None

    def make(self, answer: Iterable[bytes]) -> None:
        """Make all of it. A thread calls this; it ends early where nobody takes the answer."""
        try:
            with closed_at_end(answer):
                for part in gathered(answer):
                    if not self._keep(part):
                        return
        except BaseException as error:  # whoever sends raises it
            self._error = error
        finally:
            self._ended = True
            self._tell()

    def _keep(self, part: bytes) -> bool:
        with self._lock:
            self._lock.wait_for(lambda: self._left or self._made - self._sent < AHEAD)
            if self._left:
                return False
            self._waiting.seek(self._made)
            self._waiting.write(part)
            self._made += len(part)
        self._tell()
        return True

    def _tell(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._news.set)
        except RuntimeError:  # the loop has ended
            self._left = True

    async def parts(self) -> Any:
        """Yield its parts as they are made. Raises whatever kept it from being made whole."""
        try:
            while part := await self._next():
                yield part
        finally:
            with self._lock:
                self._left = True
                self._waiting.close()
                self._lock.notify_all()

    async def _next(self) -> bytes:
        while True:
            self._news.clear()
            ended = self._ended
            with self._lock:
                self._waiting.seek(self._sent)
                part = self._waiting.read(AT_ONCE)
                self._sent += len(part)
                self._lock.notify_all()
            if part:
                return part
            if ended:
                if self._error:
                    raise self._error
                return b""
            await self._news.wait()


def gathered(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the parts put together to AT_ONCE bytes or more, the last one apart."""
    held: list[bytes] = []
    size = 0
    for part in parts:
        held.append(part)
        size += len(part)
        if size >= AT_ONCE:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def closed_at_end(answer: Any) -> Any:
    """Return a context that closes the answer, where it asks for that, as PEP 3333 has it."""
    return closing(answer) if hasattr(answer, "close") else nullcontext()
