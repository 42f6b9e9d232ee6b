"""A stream of server-sent events for each open page of a contact: that there is news, never what.

What is new a page asks for like any other, so that one place decides what its reader may see.
"""

import asyncio
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from django.dispatch import Signal

from activity.live.admission import Admission, Refused, admit
from activity.live.hub import Hub, Listener

BEAT = 15.0  # seconds after which a page hears that its stream is alive
PAUSE = 0.2  # seconds between two pieces of news
LOOK_AGAIN = 5 * 60.0  # seconds after which the reader's rights are looked at anew, at the latest
COMMITTED = 1.0  # seconds after which whoever ends a session, as they announced, has done so
STREAMS = 5_000  # of one process
STREAMS_EACH = 50  # of one person
LOOKING = 2  # threads that ask the database who may read along

# How many streams the process has now: `count`.
stream_count = Signal()

HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would hold it back
]


class Streams:
    """All streams of a process."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._hub = loop, Hub()
        self._threads = ThreadPoolExecutor(LOOKING, thread_name_prefix="stream")
        self._tasks: set[Any] = set()
        self._of_each: Counter[UUID] = Counter()
        self._count = 0
        self._hearing: asyncio.Task | None = None

    def end(self) -> None:
        """End them all."""
        for task in (*self._tasks, *filter(None, [self._hearing])):
            task.cancel()

    async def serve(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer a request for a stream: with it, for as long as its page is open, or a refusal."""
        self._hearing = self._hearing or self._loop.create_task(self._hub.run())
        task = self._loop.create_task(self._serve(scope, send))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        gone = self._loop.create_task(_disconnected(receive))
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def _serve(self, scope: dict[str, Any], send: Any) -> None:
        try:
            await self._stream(scope, send)
        except Refused as refused:
            await send({"type": "http.response.start", "status": refused.status, "headers": []})
            await send({"type": "http.response.body"})

    async def _stream(self, scope: dict[str, Any], send: Any) -> None:
        try:
            contact = UUID(parse_qs(scope["query_string"].decode()).get("contact", [""])[0])
        except ValueError:
            raise Refused(HTTPStatus.NOT_FOUND) from None
        cookies = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
        look = partial(
            self._loop.run_in_executor, self._threads, admit, cookies.decode("latin-1"), contact
        )
        listener = Listener()
        # It listens before anybody looks for the newest event, so that none falls in between.
        with self._hub.listening(listener, contact):
            admission: Admission = await look()
            mine = admission.user_id
            if len(self._tasks) > STREAMS or self._of_each[mine] >= STREAMS_EACH:
                raise Refused(HTTPStatus.TOO_MANY_REQUESTS)
            self._hub.add(listener, mine, *admission.contact_ids)
            self._of_each[mine] += 1
            self._counts(1)
            try:
                await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
                await Stream(send, listener, look).run(admission.newest)
                await send({"type": "http.response.body"})
            finally:
                self._counts(-1)
                self._of_each[mine] -= 1
                self._of_each += Counter()  # those with none are forgotten

    def _counts(self, more: int) -> None:
        self._count += more
        stream_count.send(sender=Streams, count=self._count)


async def _disconnected(receive: Any) -> None:
    """Wait until the page is closed."""
    while (await receive())["type"] != "http.disconnect":
        pass


class Stream:
    """One page's stream, once its reader is admitted."""

    def __init__(self, send: Any, listener: Listener, look: Any) -> None:
        """`look` is asked for the reader's admission; it raises Refused where there is none."""
        self._send, self._listener, self._look = send, listener, look

    async def run(self, newest: int) -> None:
        """Tell of the newest event and of each that follows, for as long as it may be read."""
        clock = asyncio.get_running_loop().time
        await self._tell("news", newest)
        while True:
            # Not all at once, where all have begun at once.
            looks_at = clock() + LOOK_AGAIN * random.uniform(0.5, 1)  # noqa: S311
            while clock() < looks_at and not self._listener.is_doubtful:
                await self._tell_next()
            if not await self._is_still_admitted():
                return

    async def _tell_next(self) -> None:
        """Tell of the next event, or that nothing has happened."""
        try:
            async with asyncio.timeout(BEAT):
                await self._listener.woken.wait()
        except TimeoutError:
            await self._tell("beat")
            return
        if (news := self._listener.heard()) is not None:
            await self._tell("news", news)
            await asyncio.sleep(PAUSE)

    async def _is_still_admitted(self) -> bool:
        if self._listener.is_doubtful:
            await asyncio.sleep(COMMITTED)
        self._listener.is_doubtful = False
        try:
            await self._look()
        except Refused as refused:
            if refused.status != HTTPStatus.SERVICE_UNAVAILABLE:  # then the page comes back
                await self._tell("end", refused.status)
            return False
        return True

    async def _tell(self, name: str, value: int = 0) -> None:
        body = f"event: {name}\ndata: {int(value)}\n\n".encode()
        await self._send({"type": "http.response.body", "body": body, "more_body": True})
