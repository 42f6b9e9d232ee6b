"""The entry point of the web process: pages through WSGI in threads, live streams beside them.

RSGI is granian's own interface. By it one process serves both at one address, and a page costs as
much as under granian's WSGI; through a library that bridges ASGI it cost 8 to 20 % more.
"""

import asyncio
import io
import os
import sys
from collections.abc import Awaitable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from itertools import chain
from typing import Any

from django.urls import reverse
from django.utils.module_loading import import_string

from config.wsgi import application as wsgi

AT_ONCE = 64 * 1024  # bytes of a body that are taken, or sent, together


class Application:
    """All of Annals, as granian asks for it."""

    def __init__(self) -> None:
        self._streams_at = reverse("stream")
        # Its models can be imported only once Django is set up.
        self._make_streams = import_string("activity.live.stream.Streams")
        threads = int(os.environ.get("WEB_THREADS", "4"))
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="page")

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to work in a process that serves."""
        self._loop, self._streams = loop, self._make_streams(loop)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """End the streams, which would keep the process from ending."""
        self._streams.end()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer a request."""
        if scope.path == self._streams_at:
            await self._streams.serve(scope, protocol)
            return
        size = scope.headers.get("content-length", "")
        is_small = size.isdecimal() and int(size) <= AT_ONCE
        body: Any = io.BytesIO(await protocol()) if is_small else self._body(protocol)
        await self._loop.run_in_executor(self._threads, self._page, scope, protocol, body)

    def _body(self, protocol: Any) -> io.BufferedReader:
        return io.BufferedReader(Body(protocol, self._loop), AT_ONCE)

    def _page(self, scope: Any, protocol: Any, body: io.BufferedIOBase) -> None:
        head: list[Any] = []

        def start_response(status: str, headers: list, *_: Any) -> None:
            head[:] = int(status.partition(" ")[0]), headers

        answer = wsgi(environ(scope, body), start_response)
        with closing(answer) if hasattr(answer, "close") else nullcontext():
            parts = gathered(answer)
            first = next(parts, b"")
            if len(first) < AT_ONCE:
                protocol.response_bytes(*head, first)
                return
            transport = protocol.response_stream(*head)
            for part in chain([first], parts):
                self._send(transport, part)

    def _send(self, transport: Any, part: bytes) -> None:
        wait_for(transport.send_bytes(part), self._loop)


class Body(io.RawIOBase):
    """The body of a request, fetched by the thread that reads it, as far as it reads it."""

    def __init__(self, protocol: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._chunks, self._loop, self._rest = aiter(protocol), loop, b""

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what comes next; return how many bytes, 0 at the end."""
        self._rest = self._rest or wait_for(anext(self._chunks, b""), self._loop)
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def wait_for(awaitable: Awaitable[Any], loop: asyncio.AbstractEventLoop) -> Any:
    """Return what the loop comes to, in a thread that is not the loop's."""

    async def outcome() -> Any:
        return await awaitable

    return asyncio.run_coroutine_threadsafe(outcome(), loop).result()


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


def environ(scope: Any, body: io.BufferedIOBase) -> dict[str, Any]:
    """Return the environment of a request (PEP 3333).

    A header with an underscore in its name could pass for one that a proxy sets, and is left out.
    """
    server, _, port = scope.server.rpartition(":")
    found: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if scope.authority:
        found["HTTP_HOST"] = scope.authority
    for header, value in scope.headers.items():
        if "_" in header:
            continue
        name = header.upper().replace("-", "_")
        if name not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            name = f"HTTP_{name}"
        joint = "; " if name == "HTTP_COOKIE" else ","
        found[name] = f"{found[name]}{joint}{value}" if name in found else value
    return found


application = Application()
