"""People who work with Annals over HTTP, try again as people do, and note what they were told."""

import itertools
import random
import re
import threading
import time
from collections.abc import Callable

from uuid_utils.compat import uuid7

from tests.faults.kills_browser import Browser, Gone

ROWS = 120  # of an imported file, and contacts of a bulk action


class Person(Browser):
    """Somebody of the team, in a thread, with two contacts that nobody else touches."""

    def __init__(
        self, ports: list[int], number: int, cookie: str, contacts: list[str], pool: list[str]
    ) -> None:
        """`pool` are contacts that anybody acts on in bulk; see Browser for the others."""
        super().__init__(ports, cookie)
        self.number, self.contacts, self.pool = number, contacts, pool
        self._chance = random.Random(number)  # noqa: S311 - no secret
        self._marks = itertools.count()

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

    def _mark(self) -> str:
        return f"m{self.number}n{next(self._marks):05}z"

    def _saved(self, table: str, pk: str) -> None:
        self.journal.rows.append((table, pk))


# How often each is done.
DEEDS: dict[Callable[[Person], None], int] = {
    Person.comment: 30, Person.edit: 15, Person.archive: 8, Person.message: 15, Person.invite: 6,
    Person.share: 6, Person.import_file: 2, Person.bulk: 2, Person.export: 2,
}  # fmt: skip
