"""What comes with a request, taken in by the event loop before a thread begins with the page.

Whoever sends slowly holds no thread so, and nobody fills memory or disk with what no form takes.
"""

import asyncio
import errno
import hmac
import io
import tempfile
import threading
from base64 import b64encode
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import IO, Any

from django.conf import settings
from django.contrib.auth import get_user
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.http import HttpRequest, parse_cookie
from django.utils.module_loading import import_string
from environ import Env

from contacts.importing.upload import OTHER_FIELDS

WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
HELD = 64 * 1024  # bytes of a body that are kept in memory
WRITTEN = 256 * 1024  # bytes that go to the file together
SILENCE = 20.0  # seconds after which somebody who sends nothing is not waited for
SLOWEST = 1_000  # bytes of each second, on average, after those seconds
DRAIN = 5.0  # seconds for which a refused body is read on: browsers show no answer before its end
# What all that comes at the same time may take on the disk, by the largest of it.
AT_ONCE = 4


def receiving_settings(env: Env) -> dict[str, Any]:
    """Return how requests are taken in and answered, from the environment.

    WEB_THREADS: pages that each process of the web makes at the same time.
    """
    return {"WEB_THREADS": env.int("WEB_THREADS", default=4)}


class Refused(Exception):
    """A body is not taken; `status` says why."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class Gone(Exception):
    """The client went away before it had sent everything."""


class Receiver:
    """Takes in the bodies of all requests of a process."""

    def __init__(self, in_thread: Callable[..., Awaitable[Any]]) -> None:
        """`in_thread` calls a function in one of the threads that may ask the database."""
        self._in_thread, self._on_disk, self._lock = in_thread, 0, threading.Lock()
        self.small = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + OTHER_FIELDS

    async def receive(self, scope: dict[str, Any], receive: Any) -> tuple[IO[bytes], int]:
        """Return the whole body, to be read from its beginning, and how many bytes it has.

        Raises Refused with 408 where it comes too slowly, 413 where it is too large, 503 where too
        many come at once or nobody can be asked who sends it, 507 where the disk is full; and Gone.
        """
        if scope["method"] in WITHOUT_BODY:
            return io.BytesIO(), 0
        try:
            return await Body(self, scope, receive).whole()
        except Refused as refused:
            if refused.status != HTTPStatus.REQUEST_TIMEOUT:
                await _drain(receive)
            raise

    async def room(self, scope: dict[str, Any]) -> int:
        """Return how large a body may be that is not small."""
        return await self._in_thread(largest, scope, self.small)

    def count(self, size: int) -> None:
        """Note so many bytes more on the disk, or less. Raises Refused where it is too much."""
        with self._lock:
            if size > 0 and self._on_disk + size > AT_ONCE * _of_the_team():
                raise Refused(HTTPStatus.SERVICE_UNAVAILABLE)
            self._on_disk += size


class Body:
    """One request's body on its way in: in memory, and from some size on in a file without name."""

    def __init__(self, receiver: Receiver, scope: dict[str, Any], receive: Any) -> None:
        self._receiver, self._scope, self._receive = receiver, scope, receive
        self._parts: list[bytes] = []
        self._held = self._size = 0
        self._file: Spooled | None = None
        self._room = receiver.small

    async def whole(self) -> tuple[IO[bytes], int]:
        """Take it in; see Receiver.receive."""
        clock = asyncio.get_running_loop().time
        began = clock()
        await self._make_room(announced(self._scope))
        while True:
            left = began + SILENCE + self._size / SLOWEST - clock()
            try:
                async with asyncio.timeout(min(SILENCE, left)):
                    message = await self._receive()
            except TimeoutError:
                raise Refused(HTTPStatus.REQUEST_TIMEOUT) from None
            if message["type"] == "http.disconnect":
                raise Gone
            await self._take(message.get("body", b""))
            if not message.get("more_body", False):
                return await self._finished(), self._size

    async def _take(self, part: bytes) -> None:
        await self._make_room(self._size + len(part))
        self._parts.append(part)
        self._size += len(part)
        self._held += len(part)
        if self._held > (WRITTEN if self._file else HELD):
            await self._write()

    async def _make_room(self, size: int) -> None:
        if size > self._room == self._receiver.small:
            self._room = await self._receiver.room(self._scope)
        if size > self._room:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    async def _write(self) -> None:
        parts, size = self._parts, self._held
        self._parts, self._held = [], 0
        try:
            if not self._file:
                self._file = Spooled(self._receiver)
            self._file.grow(size)
            await asyncio.to_thread(self._file.take, parts)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise Refused(HTTPStatus.INSUFFICIENT_STORAGE) from error
            raise

    async def _finished(self) -> IO[bytes]:
        if not self._file:
            return io.BytesIO(self._parts[0] if len(self._parts) == 1 else b"".join(self._parts))
        await self._write()
        self._file.seek(0)  # nothing is left to be written by it
        return self._file


class Spooled(io.BufferedRandom):
    """A file without a name, gone when it is closed, whose bytes count as long as it is there."""

    _bytes = 0

    def __init__(self, receiver: Receiver) -> None:
        super().__init__(tempfile.TemporaryFile(buffering=0))  # noqa: SIM115  closes with us
        self._receiver = receiver

    def grow(self, size: int) -> None:
        """Count so many bytes more. Raises Refused where all files together are too large."""
        self._receiver.count(size)
        self._bytes += size

    def take(self, parts: list[bytes]) -> None:
        """Write these parts. Raises OSError where the disk is full."""
        self.writelines(parts)
        self.flush()

    def close(self) -> None:
        """Close the file; its bytes count no more."""
        counted, self._bytes = self._bytes, 0
        if counted:
            self._receiver.count(-counted)
        super().close()


def announced(scope: dict[str, Any]) -> int:
    """Return how many bytes a request says that it brings, 0 where it does not say."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def largest(scope: dict[str, Any], small: int) -> int:
    """Return how many bytes who sends this may send, where it is more than `small`.

    A form that is sent with files too large for it is answered with all that was typed into it, so
    that twice as much is taken as any form keeps. Raises Refused (503) without the database.
    """
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    try:
        sender = _signed_in(headers.get(b"cookie", ""))
        if sender.is_authenticated:
            # Who has a portal only answers messages.
            answers = settings.MESSAGE_MAX_BYTES + OTHER_FIELDS
            return 2 * (_of_the_team() if sender.has_perm("contacts.view_contact") else answers)
    except (DatabaseError, InterfaceError):
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE) from None
    finally:
        close_old_connections()
    if _is_provider(headers.get(b"authorization", "")):
        return import_string("contacts.urls_provider.LARGEST_REPORT") + OTHER_FIELDS
    return small


def _of_the_team() -> int:
    names = ("IMPORT_MAX_BYTES", "COMMENT_MAX_BYTES", "MESSAGE_MAX_BYTES")
    return max(getattr(settings, name) for name in names) + OTHER_FIELDS


def _signed_in(cookies: str) -> Any:
    request = HttpRequest()
    key = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME)
    request.session = import_string(f"{settings.SESSION_ENGINE}.SessionStore")(key)
    return get_user(request)


def _is_provider(authorization: str) -> bool:
    """Tell whether a request brings the secret of the mail provider."""
    secrets = getattr(settings, "ANYMAIL_WEBHOOK_SECRET", None) or ()
    known = [secrets] if isinstance(secrets, str) else secrets
    return any(
        hmac.compare_digest(authorization.encode(), b"Basic " + b64encode(each.encode()))
        for each in known
    )


async def _drain(receive: Any) -> None:
    try:
        async with asyncio.timeout(DRAIN):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
    except TimeoutError:
        pass
