"""People who work with Annals over HTTP, try again as people do, and note what they were told."""

import http.client
import itertools
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from uuid_utils.compat import uuid7

ROWS = 120  # of an imported file, and contacts of a bulk action
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


class Person:
    """Somebody of the team, in a thread, with two contacts that nobody else touches."""

    def __init__(
        self, ports: list[int], number: int, cookie: str, contacts: list[str], pool: list[str]
    ) -> None:
        """`cookie` is that of a session; `pool` are contacts that anybody acts on in bulk.

        Where nobody takes a connection at a port, the next one is tried, as by a proxy.
        """
        self.journal, self.number, self.contacts, self.pool = Journal(), number, contacts, pool
        self._ports, self._cookie = list(ports), f"{cookie}; csrftoken={TOKEN}"
        self._host = f"127.0.0.1:{ports[0]}"  # as the address bar shows it
        self._chance = random.Random(number)  # noqa: S311 - no secret
        self._connection: http.client.HTTPConnection | None = None
        self._marks = itertools.count()
        self._ended: threading.Event | None = None

    def work(self, ended: threading.Event, reads: float = 0.3, pause: float = 0.1) -> None:
        """Do one thing after the other until told to end; `reads` is the part of reading."""
        self._ended = ended
        verbs: list[Callable[[], None]] = list(DEEDS)
        weights = list(DEEDS.values())
        while not ended.is_set():
            is_read = self._chance.random() < reads
            deed = Person.read if is_read else self._chance.choices(verbs, weights)[0]
            try:
                deed(self)
                self.journal.deeds[deed.__name__] += 1
            except Gone:
                if not ended.is_set():
                    self.journal.wrong.append(f"nobody answered {deed.__name__} for long")
            time.sleep(self._chance.expovariate(1 / pause) if pause else 0)

    # What people do

    def read(self) -> None:
        """Look at one of several pages."""
        contact = self._chance.choice(self.contacts)
        paths = ("/", "/contacts/", "/contacts/?q=Person", f"/contacts/{contact}/", "/inbox/",
                 "/activity/", f"/contacts/{contact}/", f"/contacts/{contact}/history")  # fmt: skip
        self._ask("GET", self._chance.choice(paths))

    def comment(self) -> None:
        """Write a comment."""
        pk, mark = str(uuid7()), self._mark()
        if self._post(f"/contacts/{self.contacts[0]}/comments/", id=pk, body=mark):
            self._saved("contacts_comment", pk)
            self.journal.marks[mark] = self.contacts[0]

    def edit(self) -> None:
        """Change a contact's city."""
        contact, mark = self.contacts[0], self._mark()
        for _try in range(5):
            page = self._ask("GET", f"/contacts/{contact}/edit")[1]
            version = re.search(r'name="version" value="(\d+)"', page)
            if mark in page:  # an attempt without an answer had come through
                break
            given = {
                "given_name": f"Person {self.number}",
                "version": version[1] if version else "",
            }
            email = f"person{self.number}@calder.example"
            if self._post(f"/contacts/{contact}/edit", city=mark, email=email, **given):
                break
        else:
            return
        self.journal.marks[mark] = contact

    def archive(self) -> None:
        """Archive a contact and take it back."""
        contact, mark = self.contacts[1], self._mark()
        if self._post(f"/contacts/{contact}/archive", reason=mark):
            self.journal.marks[mark] = contact
        self._post(f"/contacts/{contact}/restore")

    def message(self) -> None:
        """Write to the contact."""
        pk, mark = str(uuid7()), self._mark()
        fields = {"id": pk, "body": mark, "address": f"person{self.number}@calder.example"}
        if self._post(f"/contacts/{self.contacts[0]}/messages/", **fields):
            self._saved("contacts_message", pk)
            self.journal.marks[mark] = self.contacts[0]

    def invite(self) -> None:
        """Invite the contact, or take the last invitation back."""
        pk = str(uuid7())
        fields = {"id": pk, "email": f"{pk}@calder.example", "role": "client", "note": "Welcome"}
        if self._post(f"/contacts/{self.contacts[0]}/invitations/", **fields):
            self._saved("contacts_invitation", pk)
            self._post(f"/invitations/{pk}/revoke")

    def share(self) -> None:
        """Share the contact with two others."""
        pk, mark = str(uuid7()), self._mark()
        to = f"{mark}a@elsewhere.example, {mark}b@elsewhere.example"
        path = f"/contacts/{self.contacts[0]}/shares/"
        if self._post(path, id=pk, to=to, fields="emails", note=mark):
            self._saved("contacts_share", pk)
            self.journal.marks[mark] = self.contacts[0]

    def import_file(self) -> None:
        """Upload a file of contacts, and start its import."""
        pk, mark = str(uuid7()), self._mark()
        lines = [f"{mark}{n},Import,{mark}{n}@import.example" for n in range(ROWS)]
        file = "\r\n".join(["Given name,Family name,Email", *lines])
        if not self._post("/imports/new", file=file, id=pk):
            return
        columns = {f"column_{n}": t for n, t in enumerate(("given_name", "family_name", "emails"))}
        if self._post(f"/imports/{pk}/columns", **columns):
            self._saved("contacts_importrun", pk)

    def bulk(self) -> None:
        """Tag many contacts."""
        chosen = self._chance.sample(self.pool, min(ROWS, len(self.pool)))
        to = self._post("/contacts/bulk/", action="tag", contact=chosen)
        run = re.search(r"/bulk/([0-9a-f-]{36})/", to)
        if run and self._post(run[0], add=self._mark()):
            self._saved("contacts_bulkrun", run[1])

    def export(self) -> None:
        """Ask for a file of the whole log."""
        to = self._post("/activity/export", id=str(uuid7()), format="ndjson")
        if run := re.search(r"/activity/exports/([0-9a-f-]{36})/", to):
            self._saved("activity_export", run[1])

    def resend(self, message: str, address: str) -> bool:
        """Send a message again of which nobody knows whether it arrived."""
        self._ended = None
        return bool(self._post(f"/messages/{message}/retry", address=address))

    # How they do it

    def _mark(self) -> str:
        return f"m{self.number}n{next(self._marks):05}z"

    def _saved(self, table: str, pk: str) -> None:
        self.journal.rows.append((table, pk))

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


# How often each is done.
DEEDS: dict[Callable[[Person], None], int] = {
    Person.comment: 30, Person.edit: 15, Person.archive: 8, Person.message: 15, Person.invite: 6,
    Person.share: 6, Person.import_file: 2, Person.bulk: 2, Person.export: 2,
}  # fmt: skip
