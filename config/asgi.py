"""The entry point of the web process: pages through WSGI in threads, live streams beside them.

So that one process serves both at one address. Django's own ASGI handler would cost a page three
times as much; a2wsgi, which does the same as this, cost more in each run that was made beside it.
"""

import asyncio
import io
import logging
import resource
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from contextvars import copy_context
from http import HTTPStatus
from typing import IO, Any

from django.conf import settings
from django.db import close_old_connections
from django.urls import reverse
from django.utils.module_loading import import_string

from config.answering import AT_ONCE, SEND_SECONDS, FileParts, Made, closed_at_end
from config.failures import REFUSED, sentence, status_of
from config.headers import with_headers
from config.receiving import Gone, Receiver, Refused
from config.wsgi import application as wsgi

logger = logging.getLogger(__name__)

# Threads that make answers in parts: with those of pages, and the two that ask who may read along,
# as many as a process has connections to the database.
MAKERS = 2
FILES = 65_536  # open files and connections of a process


class Application:
    """All of Annals, as a server asks for it (ASGI 3)."""

    def __init__(self) -> None:
        self._streams_at = reverse("stream")
        # Its models can be imported only once Django is set up.
        self._make_streams = import_string("activity.live.stream.Streams")
        self._threads = ThreadPoolExecutor(settings.WEB_THREADS, thread_name_prefix="page")
        self._makers = ThreadPoolExecutor(MAKERS, thread_name_prefix="answer")
        self._receiver = Receiver(self._in_thread)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer a request, or begin and end with the server."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["path"] == self._streams_at:
            await self._streams.serve(scope, receive, with_headers(send))
        else:
            page = Page(scope, send, self._makers)
            try:
                page.body, page.size = await self._receiver.receive(scope, receive)
            except Refused as refused:
                page.refused = refused.status
            except Gone:
                return
            await self._in_thread(page.answer)
            await page.finish()

    async def _in_thread(self, function: Any, *arguments: Any) -> Any:
        return await self._loop.run_in_executor(self._threads, function, *arguments)

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        self._loop = asyncio.get_running_loop()
        self._streams = self._make_streams(self._loop)
        allow_many_connections()
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
    """One request for a page, answered in a thread once its body is there."""

    refused: HTTPStatus | None = None
    body: IO[bytes] = io.BytesIO()
    size = 0

    def __init__(self, scope: dict[str, Any], send: Any, makers: ThreadPoolExecutor) -> None:
        self._scope, self._send, self._makers = scope, send, makers
        self._whole = b""
        self._rest: Any = None
        self._loop = asyncio.get_running_loop()

    def answer(self) -> None:
        """Have the page made: all of it, or what is needed to send it part by part."""
        answer = wsgi(environ(self._scope, self.body, self.size, self.refused), self._start)
        if isinstance(answer, FileParts):
            self._whole = answer.read()
            if len(self._whole) < AT_ONCE:
                answer.close()
            else:
                self._rest = answer
        elif getattr(answer, "streaming", True):
            # What this thread has asked the database with is not what makes the answer.
            close_old_connections()
            self._rest = Made(self._loop)
            self._makers.submit(copy_context().run, self._rest.make, answer)
        else:
            with closed_at_end(answer):
                self._whole = b"".join(answer)

    async def finish(self) -> None:
        """Send the answer: nearly every one in one part, for which nobody waits.

        What is sent in parts and breaks off has no end, by which the client knows.
        """
        if not self._rest:
            await self._part(self._whole, more=False)
            return
        last = self._whole
        async with aclosing(self._rest.parts()) as parts:
            try:
                async for part in parts:
                    if last:
                        await self._patiently(last, more=True)
                    last = part
                await self._patiently(last, more=False)
            except TimeoutError:
                return
            except Exception as error:
                if not self._head:
                    raise
                await self._part(self._broken(error), more=False)

    async def _patiently(self, part: bytes, *, more: bool) -> None:
        async with asyncio.timeout(SEND_SECONDS):
            await self._part(part, more=more)

    def _broken(self, error: Exception) -> bytes:
        """Return what is sent in place of an answer of which nothing was sent yet."""
        logger.error("An answer could not be made.", exc_info=error)
        status = status_of(error)
        self._send = with_headers(self._send)
        self._start(f"{status:d}", [("Content-Type", "text/plain; charset=utf-8")])
        return sentence(status).encode()

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


def allow_many_connections() -> None:
    """Let this process have as many files and connections open as the system lets it, if few.

    Many systems begin with 1,024, so that programs of old do not break.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FILES and soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, hard), hard))


def environ(
    scope: dict[str, Any], body: IO[bytes], size: int, refused: HTTPStatus | None
) -> dict[str, Any]:
    """Return the environment of a request (PEP 3333), whose body has `size` bytes.

    `refused` says why it has none, where it was not taken in. A header with an underscore in its
    name could pass for one that a proxy sets, and is left out.
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
        "wsgi.file_wrapper": FileParts,
        REFUSED: refused,
    }
    for header, value in scope["headers"]:
        if b"_" in header:
            continue
        name, text = header.decode("latin-1").upper().replace("-", "_"), value.decode("latin-1")
        if name not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
            name = f"HTTP_{name}"
        joint = "; " if name == "HTTP_COOKIE" else ","
        found[name] = f"{found[name]}{joint}{text}" if name in found else text
    if size or "CONTENT_LENGTH" in found:
        found["CONTENT_LENGTH"] = str(size)
    return found


application = Application()
