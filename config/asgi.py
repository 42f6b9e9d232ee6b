"""The entry point of the web process: pages through WSGI in threads, live streams beside them.

So that one process serves both at one address. Django's own ASGI handler would cost a page three
times as much; a2wsgi, which does the same as this, cost more in each run that was made beside it.
"""

import asyncio
import io
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from typing import Any

from django.urls import reverse
from django.utils.module_loading import import_string

from config.wsgi import application as wsgi

AT_ONCE = 64 * 1024  # bytes of a body that are taken, or sent, together


class Application:
    """All of Annals, as a server asks for it (ASGI 3)."""

    def __init__(self) -> None:
        self._streams_at = reverse("stream")
        # Its models can be imported only once Django is set up.
        self._make_streams = import_string("activity.live.stream.Streams")
        threads = int(os.environ.get("WEB_THREADS", "4"))
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="page")

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer a request, or begin and end with the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["path"] == self._streams_at:
            await self._streams.serve(scope, receive, send)
        else:
            page = Page(scope, receive, send, self._loop)
            await self._loop.run_in_executor(self._threads, page.answer)
            await page.finish()

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        self._loop = asyncio.get_running_loop()
        self._streams = self._make_streams(self._loop)
        if threading.current_thread() is threading.main_thread():
            # Granian's own handlers wait for all answers to end, and are called as well: asyncio
            # hears of signals by another way (signal.set_wakeup_fd).
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: self.end_streams())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    def end_streams(self) -> None:
        """End all streams, which would keep the process from ending; any thread may ask for it."""
        self._loop.call_soon_threadsafe(self._streams.end)


class Page:
    """One request for a page, answered in a thread."""

    def __init__(
        self, scope: dict[str, Any], receive: Any, send: Any, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._scope, self._receive, self._send, self._loop = scope, receive, send, loop
        self._last = b""

    def answer(self) -> None:
        """Have the page made and sent, but for the last part of it. A thread calls this."""
        body = io.BufferedReader(Body(self._receive, self._within), AT_ONCE)
        answer = wsgi(environ(self._scope, body), self._start)
        with closing(answer) if hasattr(answer, "close") else nullcontext():
            parts = gathered(answer)
            self._last = next(parts, b"")
            for part in parts:
                self._within(self._part(self._last, more=True))
                self._last = part

    async def finish(self) -> None:
        """Send the last part: of nearly every page the only one, so that no thread waits for it."""
        await self._part(self._last, more=False)

    def _start(self, status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        self._head: dict[str, Any] | None = {
            "type": "http.response.start",
            "status": int(status.partition(" ")[0]),
            "headers": [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in headers],
        }

    async def _part(self, part: bytes, *, more: bool) -> None:
        if self._head:
            head, self._head = self._head, None
            await self._send(head)
        await self._send({"type": "http.response.body", "body": part, "more_body": more})

    def _within(self, asked: Any) -> Any:
        """Return what the loop answers; a thread that is not its own waits for it."""
        try:
            return asyncio.run_coroutine_threadsafe(asked, self._loop).result()
        finally:
            asked.close()  # where the loop has ended, it never began


class Body(io.RawIOBase):
    """The body of a request, fetched by the thread that reads it, as far as it reads it."""

    def __init__(self, receive: Callable[[], Awaitable[Any]], within: Callable[..., Any]) -> None:
        self._receive, self._within = receive, within
        self._rest, self._has_more = b"", True

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what comes next; return how many bytes, 0 at the end.

        Raises OSError where the client has gone, as Django expects it.
        """
        while not self._rest and self._has_more:
            self._within(self._next())
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size

    async def _next(self) -> None:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("The client is gone.")
        self._rest = message.get("body", b"")
        self._has_more = message.get("more_body", False)


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


def environ(scope: dict[str, Any], body: io.BufferedIOBase) -> dict[str, Any]:
    """Return the environment of a request (PEP 3333).

    A header with an underscore in its name could pass for one that a proxy sets, and is left out.
    """
    found: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "REMOTE_ADDR": scope["client"][0] if scope["client"] else "",
        "SERVER_NAME": scope["server"][0],
        "SERVER_PORT": str(scope["server"][1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for header, value in scope["headers"]:
        if b"_" in header:
            continue
        name, text = header.decode("latin-1").upper().replace("-", "_"), value.decode("latin-1")
        if name not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            name = f"HTTP_{name}"
        joint = "; " if name == "HTTP_COOKIE" else ","
        found[name] = f"{found[name]}{joint}{text}" if name in found else text
    return found


application = Application()
