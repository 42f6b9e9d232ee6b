"""Streams as a client reads them, line by line."""

import http.client
from typing import Any

from django.conf import settings
from django.test import Client

from tests.live import Served

SECONDS = 20


class Stream:
    """The answer to a request for a stream."""

    def __init__(self, served: Served, path: str, user: Any = None) -> None:
        client, headers = Client(), {}
        if user:
            client.force_login(user)
            name = settings.SESSION_COOKIE_NAME
            headers["Cookie"] = f"{name}={client.cookies[name].value}"
        self.connection = http.client.HTTPConnection("localhost", served.port, timeout=SECONDS)
        self.connection.request("GET", path, headers=headers)
        self.answer = self.connection.getresponse()

    def next(self) -> tuple[str, int] | None:
        """Return the next event's name and number, None where the stream ends."""
        lines = [self.answer.readline().decode() for _ in range(3)]
        if not lines[0]:
            return None
        return lines[0].removeprefix("event: ").strip(), int(lines[1].removeprefix("data: "))
