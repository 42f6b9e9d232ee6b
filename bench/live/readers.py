"""The streams of very many pages, as their browsers hold them open."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Reader:
    """One page: the stream it reads, and when it heard of which event."""

    contact: str
    cookie: str
    heard: dict[int, float] = field(default_factory=dict)  # on the monotonic clock

    async def read(self, port: int) -> None:
        """Hold the stream open and note what it tells, until cancelled."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        request = (
            f"GET /live/?contact={self.contact} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Cookie: {self.cookie}\r\nAccept: text/event-stream\r\n\r\n"
        )
        writer.write(request.encode())
        name = b""
        try:
            while line := await reader.readline():
                if line.startswith(b"event: "):
                    name = line[7:].strip()
                elif line.startswith(b"data: ") and name == b"news":
                    self.heard.setdefault(int(line[6:]), time.monotonic())
        finally:
            writer.close()


async def begun(readers: Sequence[Reader], seconds: float) -> int:
    """Return how many streams have told something, after at most so many seconds."""
    end = time.monotonic() + seconds
    while (count := sum(bool(each.heard) for each in readers)) < len(readers):
        if time.monotonic() > end:
            break
        await asyncio.sleep(0.1)
    return count
