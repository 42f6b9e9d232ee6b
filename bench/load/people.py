"""What people do, for locust: `locust -f bench/load/people.py`, with LOAD_PEOPLE naming the JSON.

Each keeps a session of their own and thinks before each step, three seconds in the middle. A step
is what one press of a key or button asks for; weights are how often it is taken, out of 100.
"""

import html
import json
import os
import random
import re
import uuid
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from locust import FastHttpUser, between, events, task

KNOWN = json.loads(Path(os.environ["LOAD_PEOPLE"]).read_text())
NAMES = ("an", "ma", "jo", "el", "sa", "ka", "li", "be", "ch", "mo")
TOKEN = "a" * 32  # of the cookie and the header: whoever may set both may send forms
HTMX = {"HX-Request": "true", "X-CSRFToken": TOKEN}
# What is refused because somebody else was faster is an answer, not an error.
FINE = frozenset({200, 204, 303, 409, 422})
_numbers = count()
_OLDER = re.compile(r'"(/contacts/[0-9a-f-]{36}/timeline/older\?[^"]+)"')
_ENTRY = re.compile(r'"(/activity/[0-9a-f-]{36})"')
_INPUT = re.compile(r"<input\b[^>]*>|<textarea\b[^>]*>[^<]*|<select\b.*?</select>", re.S)


class Person(FastHttpUser):
    """Somebody of the team with a browser."""

    wait_time = between(1, 5)
    connection_timeout = network_timeout = 30.0

    def on_start(self) -> None:
        """Open the list, signed in."""
        number = next(_numbers) % len(KNOWN["sessions"])
        session = KNOWN["sessions"][number]
        self.is_manager = session["role"] == "manager"
        self.random = random.Random(number)  # noqa: S311  as above
        self.cookies = f"sessionid={session['cookie']}; csrftoken={TOKEN}"
        self.open("/contacts/", "list")

    def ask(self, method: str, path: str, name: str, **more: Any) -> str:
        """Ask, count the answer under `name`, and return its text."""
        headers = {"Cookie": self.cookies, "Accept-Encoding": "gzip", **more.pop("headers", {})}
        if "data" in more:
            more["data"] = urlencode(more["data"], doseq=True)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with self.client.request(
            method,
            path,
            name=name,
            headers=headers,
            allow_redirects=False,
            catch_response=True,
            **more,
        ) as answer:
            # An archived contact's form leads back to its page, where it can be restored.
            leads_back = answer.status_code == 302 and answer.headers["Location"].startswith(
                "/contacts/"
            )
            if answer.status_code in FINE or leads_back:
                answer.success()
            else:
                answer.failure(f"{answer.status_code} for {method} {name}")
            return answer.text or ""

    def open(self, path: str, name: str) -> str:
        """Open a page or fetch a fragment."""
        return self.ask("GET", path, name)

    def send(self, path: str, name: str, **typed: Any) -> str:
        """Send a form as htmx does."""
        return self.ask("POST", path, name, data=typed, headers=HTMX)

    def contact(self) -> str:
        """Return a contact's address: each fifth time one that everybody works on."""
        some = KNOWN["hot"] if self.random.random() < 0.2 else KNOWN["contacts"]
        return f"/contacts/{self.random.choice(some)}/"

    @task(14)
    def look_through_the_list(self) -> None:
        query = self.random.choice(("", "?sort=name", "?sort=-name", "?page=2", "?status=archived"))
        self.open(f"/contacts/{query}", "list")

    @task(6)
    def search_as_they_type(self) -> None:
        name = self.random.choice(NAMES) + self.random.choice("aeinrst")
        for length in range(1, len(name) + 1):
            self.ask("GET", f"/contacts/?q={name[:length]}", "search as you type", headers=HTMX)

    @task(30)
    def read_a_contact(self) -> None:
        page = self.open(self.contact(), "contact page")
        found = _OLDER.search(page)
        if found and self.random.random() < 0.5:
            self.open(html.unescape(found[1]), "timeline, older")

    @task(6)
    def search_a_timeline(self) -> None:
        self.ask("GET", f"{self.contact()}timeline?q=call", "timeline, searched", headers=HTMX)

    @task(8)
    def read_the_log(self) -> None:
        query = self.random.choice(("", "?group=comments", "?source=web", "?from=2026-01-01"))
        found = _ENTRY.search(self.open(f"/activity/{query}", "log"))
        if found and self.random.random() < 0.3:
            self.open(found[1], "entry of the log")

    @task(5)
    def read_a_history(self) -> None:
        self.open(f"{self.contact()}history", "history")

    @task(14)
    def comment(self) -> None:
        text = f"Called, they will come back on it. {self.random.random()}"
        self.send(f"{self.contact()}comments/", "comment", id=uuid.uuid4(), body=text)

    @task(4)
    def archive_and_restore(self) -> None:
        # Of their own, as nobody can write to an archived one.
        mine = KNOWN["contacts"][self.random.randrange(len(KNOWN["contacts"]) // 10)]
        self.send(f"/contacts/{mine}/archive", "archive", reason="")
        self.send(f"/contacts/{mine}/restore", "restore", reason="")

    @task(6)
    def edit(self) -> None:
        address = f"{self.contact()}edit"
        typed = _fields(self.open(address, "edit, form"))
        if "version" in typed:
            typed["job_title"] = [f"Buyer {self.random.randrange(1000)}"]
            self.ask("POST", address, "edit", data=typed, headers={"X-CSRFToken": TOKEN})

    @task(5)
    def write_a_message(self) -> None:
        address = self.contact()
        form = self.open(f"{address}compose?compose=message", "message, form")
        typed = _fields(form)
        if "subject" in typed:
            typed |= {"subject": ["Our meeting"], "body": ["Shall we meet on Monday?"]}
            self.send(f"{address}messages/", "message", **typed)

    @task(2)
    def export(self) -> None:
        if self.is_manager:
            ticked = self.random.sample(KNOWN["contacts"], 20)
            self.ask(
                "POST",
                "/contacts/export",
                "export of 20",
                data={"contact": ticked, "format": "csv"},
                headers={"X-CSRFToken": TOKEN},
            )


def _fields(page: str) -> dict[str, list[str]]:
    """Return the named inputs of the page's forms with the values they were drawn with."""
    found: dict[str, list[str]] = {}
    for tag in _INPUT.findall(page):
        name = re.search(r'\bname="([^"]*)"', tag)
        kind = re.search(r'\btype="([^"]*)"', tag)
        if not name or (kind and kind[1] in {"file", "submit"}):
            continue
        if kind and kind[1] in {"checkbox", "radio"} and " checked" not in tag:
            continue
        if tag.startswith("<textarea"):
            value = tag.partition(">")[2].removeprefix("\n")
        elif tag.startswith("<select"):
            chosen = re.search(r'<option value="([^"]*)"[^>]*\bselected', tag)
            value = chosen[1] if chosen else ""
        else:
            given = re.search(r'\bvalue="([^"]*)"', tag)
            value = given[1] if given else ""
        found.setdefault(name[1], []).append(html.unescape(value))
    return found


@events.test_start.add_listener
def forget_what_was_set_up(environment: Any, **kwargs: Any) -> None:
    """Begin the percentiles once everybody is there."""
    environment.stats.reset_all()
