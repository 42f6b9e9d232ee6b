"""What people see Annals by: it asks again where nobody answers, and notes what it was told."""

import http.client
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

AGAIN_SECONDS = 0.3
PATIENCE_SECONDS = 90
# How a connection ends that was kept open and that the server closes just as it is used again.
STALE = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)
TOKEN = "t" * 32  # of CSRF: any will do that is both cookie and field


@dataclass
class Journal:
    """What one person was told.

    `marks` are texts that were saved, each with the id of what it is about; `rows` are (table, id)
    of what was made. `outages` are the seconds from a failed request until its repetition was
    answered; `wrong` is what should never be answered. `resent` counts requests on connections that
    had been closed meanwhile, which were sent again at once.
    """

    answers: Counter[str] = field(default_factory=Counter)
    deeds: Counter[str] = field(default_factory=Counter)
    marks: dict[str, str] = field(default_factory=dict)
    rows: list[tuple[str, str]] = field(default_factory=list)
    outages: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    resent: int = 0
    slowest: float = 0.0


class Gone(Exception):
    """Nobody answered within PATIENCE_SECONDS, or everything has ended."""


class Browser:
    """Somebody's browser."""

    def __init__(self, ports: list[int], cookie: str) -> None:
        """`cookie` is that of a session.

        Where nobody takes a connection at a port, the next one is tried, as by a proxy.
        """
        self.journal = Journal()
        self._ports, self._cookie = list(ports), f"{cookie}; csrftoken={TOKEN}"
        self._host = f"127.0.0.1:{ports[0]}"  # as the address bar shows it
        self._connection: http.client.HTTPConnection | None = None
        self._ended: threading.Event | None = None

    def _post(self, path: str, file: str = "", **fields: Any) -> str:
        """Send a form until it is answered; return where that leads, empty where it was refused."""
        fields["csrfmiddlewaretoken"] = TOKEN
        if file:
            edge = uuid4().hex
            parts = [f'name="{name}"\r\n\r\n{value}' for name, value in fields.items()]
            parts.append(f'name="file"; filename="people.csv"\r\n\r\n{file}')
            body = "".join(
                f"--{edge}\r\nContent-Disposition: form-data; {part}\r\n" for part in parts
            )
            body, kind = f"{body}--{edge}--\r\n", f"multipart/form-data; boundary={edge}"
        else:
            body, kind = urlencode(fields, doseq=True), "application/x-www-form-urlencoded"
        status, _page, location = self._ask("POST", path, body, {"Content-Type": kind})
        if status in {200, 204} or ("/accounts/" not in location and status in {302, 303}):
            return location or path
        return ""

    def _ask(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        """Ask, and again after a failure; return the status, the page and the location."""
        began, failed = time.monotonic(), 0.0
        while time.monotonic() - began < PATIENCE_SECONDS:
            start = time.monotonic()
            status, page, location = self._once(method, path, body, headers or {})
            self.journal.slowest = max(self.journal.slowest, time.monotonic() - start)
            if status not in {0, 429, 502, 503}:
                if failed:
                    self.journal.outages.append(time.monotonic() - failed)
                if status >= 500 or status in {400, 401, 403, 404}:
                    text = re.sub(r"<[^>]*>|\s+", " ", page)[-200:]
                    self.journal.wrong.append(f"{method} {path}: {status} {text}")
                return status, page, location
            failed = failed or start
            if self._ended and self._ended.wait(AGAIN_SECONDS):
                break
        raise Gone

    def _once(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, str, str]:
        """Ask once; on a connection that turns out to be closed, once more, as browsers do."""
        address = f"http://{self._host}"
        headers = {"Cookie": self._cookie, "Host": self._host, "Origin": address, **headers}
        was_open = self._connection is not None
        try:
            connection = self._connection = self._connection or self._connect()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            page = answer.read().decode(errors="replace")
            if answer.will_close:
                self._connection = None
        except (OSError, http.client.HTTPException) as error:
            if self._connection:
                self._connection.close()
            self._connection = None
            if was_open and isinstance(error, STALE):
                self.journal.resent += 1
                return self._once(method, path, body, headers)
            self.journal.answers[type(error).__name__] += 1
            return 0, "", ""
        self.journal.answers[str(answer.status)] += 1
        return answer.status, page, answer.headers.get("Location", "")

    def _connect(self) -> http.client.HTTPConnection:
        for _port in self._ports:
            connection = http.client.HTTPConnection("127.0.0.1", self._ports[0], timeout=60)
            try:
                connection.connect()
            except ConnectionRefusedError as error:
                self._ports.append(self._ports.pop(0))
                refused = error
            else:
                return connection
        raise refused
