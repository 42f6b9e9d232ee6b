"""People who write and read while servers fail, and what each of them was told.

Afterwards `account` compares all of that with the database.
"""

import http.client
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from uuid_utils.compat import uuid7

PASSES = (200, 201, 204, 302, 303)
REFUSES = (429, 503, 507)  # what may be answered while something is away or full
FORM = "application/x-www-form-urlencoded"
QUIET_SECONDS = 20  # for a client to wait for an answer


@dataclass
class Place:
    """Where Annals answers, and for each person a session's cookie and a contact to work on."""

    port: int
    cookies: list[str] = field(default_factory=list)
    contacts: list[str] = field(default_factory=list)

    def settle(self, people: int) -> None:
        """Make so many people, each with a session and a contact."""
        from django.conf import settings
        from django.db import transaction
        from django.test import Client

        from tests.builders import make_contact, make_user

        for number in range(people):
            with transaction.atomic():
                contact = make_contact(
                    given_name=f"Person {number}", emails=[f"person{number}@calder.example"]
                )
            self.contacts.append(str(contact.pk))
            browser = Client()
            browser.force_login(make_user("manager", name=f"Mia {number}"))
            cookie = browser.cookies[settings.SESSION_COOKIE_NAME]
            self.cookies.append(f"{settings.SESSION_COOKIE_NAME}={cookie.value}")


@dataclass
class Journal:
    """What a client was told: how many answers of each status, and which marks were saved."""

    answers: Counter[str] = field(default_factory=Counter)
    saved: list[str] = field(default_factory=list)  # marks of changes answered with success
    wrong: list[str] = field(default_factory=list)  # answers that should not be, in words
    slowest: float = 0.0  # seconds


@contextmanager
def at_work(place: Place, *, port: int = 0) -> Iterator[list[Journal]]:
    """Have everybody of a place write and read until the block ends; yield their journals.

    They ask at `port`, where it is another one.
    """
    ended = threading.Event()
    journals = [Journal() for _ in place.cookies]
    threads = [
        threading.Thread(target=Person(place, number, journal, port).act, args=[ended])
        for number, journal in enumerate(journals)
    ]
    for thread in threads:
        thread.start()
    try:
        yield journals
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def account(journals: list[Journal]) -> list[str]:
    """Return what is not as clients were told, and what has no event, as sentences."""
    from django.core.management import CommandError, call_command
    from django.db import connection, connections

    connections.close_all()
    problems = [wrong for journal in journals for wrong in journal.wrong]
    saved = [mark for journal in journals for mark in journal.saved]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT mark FROM unnest(%s::text[]) AS said (mark) WHERE mark LIKE 'a%%' AND NOT"
            " EXISTS (SELECT FROM activity_event WHERE payload->>'reason' = mark)", [saved],
        )  # fmt: skip
        problems += [f"{mark} was saved and has no event" for (mark,) in cursor]
        cursor.execute(
            "SELECT mark FROM unnest(%s::text[]) AS said (mark) WHERE mark LIKE 'c%%'"
            " AND NOT EXISTS (SELECT FROM contacts_comment WHERE body = mark)", [saved],
        )  # fmt: skip
        problems += [f"the comment {mark} was saved and is not there" for (mark,) in cursor]
        cursor.execute(
            "SELECT id FROM contacts_comment c WHERE NOT EXISTS (SELECT FROM activity_event e"
            " WHERE e.object_id = c.id AND verb = 'comment.added')"
        )
        problems += [f"comment {pk} has no event" for (pk,) in cursor]
        cursor.execute(
            "SELECT object_id FROM activity_event e WHERE verb = 'comment.added' AND"
            " NOT EXISTS (SELECT FROM contacts_comment c WHERE c.id = e.object_id)"
        )
        problems += [f"an event tells of comment {pk}, which is not there" for (pk,) in cursor]
    with Path(os.devnull).open("w") as nowhere:
        call_command("seal_ledger", stdout=nowhere, stderr=nowhere)
        try:
            call_command("verify_ledger", stdout=nowhere, stderr=nowhere)
        except CommandError as error:
            problems.append(f"verify_ledger: {error}")
    return problems


class Person:
    """A person in a thread: comments on one contact, archives it, takes it back, reads its page."""

    def __init__(self, place: Place, number: int, journal: Journal, port: int) -> None:
        self._in, self._number, self._journal = place, number, journal
        self._port, self._client = port or place.port, None
        self._cookie = place.cookies[number]
        self._contact = place.contacts[number]
        self._token, self._is_present = "", False  # as far as is known

    def act(self, ended: threading.Event) -> None:
        """Do one thing after the other until told to end."""
        step = 0
        while not ended.is_set():
            step += 1
            (self.comment, self.read, self.comment, self.archive, self.restore)[step % 5]()
            time.sleep(0.02)
        if self._client:
            self._client.close()

    def comment(self) -> None:
        """Write a comment, and try again with the same id until it is known to be saved."""
        pk, mark = str(uuid7()), f"c{uuid7().hex}"
        for _try in range(40):
            status = self._post(f"/contacts/{self._contact}/comments/", id=pk, body=mark)
            if status in PASSES:
                self._journal.saved.append(mark)
                return
            if status not in (0, *REFUSES):
                return
            time.sleep(0.25)

    def archive(self) -> None:
        """Archive the contact, if it is known not to be."""
        if self._is_present:
            mark, self._is_present = f"a{uuid7().hex}", False
            if self._post(f"/contacts/{self._contact}/archive", reason=mark) in PASSES:
                self._journal.saved.append(mark)

    def restore(self) -> None:
        """Take the contact back."""
        self._is_present = self._post(f"/contacts/{self._contact}/restore") in PASSES

    def read(self) -> None:
        """Open the contact's page."""
        self._ask("GET", f"/contacts/{self._contact}/")

    def _post(self, path: str, **fields: str) -> int:
        if not self._token:
            self._token = self._find_token()
        if not self._token:
            return 0
        fields["csrfmiddlewaretoken"] = self._token
        return self._ask("POST", path, urlencode(fields))[0]

    def _find_token(self) -> str:
        status, page, headers = self._ask("GET", f"/contacts/{self._contact}/")
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        for name, value in headers:
            if name.lower() == "set-cookie" and "csrftoken" in value:
                self._cookie += f"; {value.partition(';')[0]}"
        return found[1] if status == 200 and found else ""

    def _ask(self, method: str, path: str, body: str | None = None, kind: str = FORM) -> Any:
        headers = {"Cookie": self._cookie, "Host": f"127.0.0.1:{self._in.port}"}
        if body is not None:
            headers["Content-Type"] = kind
            headers["Origin"] = f"http://127.0.0.1:{self._in.port}"
        began = time.monotonic()
        try:
            self._client = self._client or http.client.HTTPConnection(
                "127.0.0.1", self._port, timeout=QUIET_SECONDS
            )
            self._client.request(method, path, body, headers)
            answer = self._client.getresponse()
            page = answer.read().decode(errors="replace")
            found = answer.status, page, answer.getheaders()
        except (OSError, http.client.HTTPException) as error:
            self._client = self._client and self._client.close()
            self._journal.answers[type(error).__name__] += 1
            found = 0, "", []
        else:
            self._judge(method, path, answer, page)
        self._journal.slowest = max(self._journal.slowest, time.monotonic() - began)
        return found

    def _judge(self, method: str, path: str, answer: Any, page: str) -> None:
        self._journal.answers[str(answer.status)] += 1
        if answer.status == 503 and not answer.headers.get("Retry-After"):
            self._journal.wrong.append(f"{method} {path}: 503 without Retry-After")
        if answer.status not in (*PASSES, *REFUSES):
            text = re.sub(r"<[^>]*>|\s+", " ", page)[:300]
            self._journal.wrong.append(f"{method} {path}: {answer.status} {text}")


def total(journals: list[Journal]) -> str:
    """Return in words how often what was answered."""
    answers = sum((journal.answers for journal in journals), Counter())
    told = ", ".join(f"{count} x {status}" for status, count in sorted(answers.items()))
    slowest = max(journal.slowest for journal in journals)
    return f"answers: {told}; slowest {slowest:.1f} s"
