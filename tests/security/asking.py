"""Asks every address as every role, with GET and POST, and notes what was answered and written."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from typing import Any

from django.db import connection
from django.http import HttpResponse

from tests.security.declared import CONFIRM, METHODS, SIGN_IN, YES, Entry, entries
from tests.security.places import is_owned
from tests.security.world import LATER, ROLES, World

WRITES = re.compile(r'\b(?:INSERT INTO|UPDATE(?= \S+ SET)|DELETE FROM) "?(\w+)')
# What says nothing of anybody's work: who is signed in.
NOT_COUNTED = frozenset({"django_session"})


@dataclass(frozen=True)
class Cell:
    """What one request was answered, and what it wrote to."""

    entry: Entry
    role: str
    method: str
    own: bool
    outcome: str
    wrote: tuple[str, ...]

    @property
    def offence(self) -> str:
        """Return a sentence where this is not what is declared."""
        wanted = self.entry.expected(self.role, self.method, own=self.own)
        case = "" if self.own else ", another’s"
        case += f", {self.entry.case}" if self.entry.case else ""
        asked = f"{self.method} {self.entry.address.route} ({self.role}{case})"
        if self.outcome != wanted:
            return f"{asked}: {self.outcome}, not {wanted}"
        reads = self.outcome != YES or self.method == "GET"
        if self.wrote and reads and not self.entry.notes:
            return f"{asked}: {self.outcome}, but wrote {', '.join(self.wrote)}"
        return ""


def observe(world: World, *, wholly: bool) -> Iterator[Cell]:
    """Ask; unless `wholly`, of neighbouring roles that get the same, one for all."""
    number = 0
    for entry in entries():
        variants = (True, False) if is_owned(entry.address) else (True,)
        for own, method in product(variants, METHODS):
            for role in (*ROLES, LATER) if wholly else _edges(entry, method, own=own):
                number += 1  # nobody is asked to wait: each comes from an address of its own
                path = world.path(entry.address, role, own=own, case=entry.case)
                where = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
                with world.undone(role) as browser, writing() as wrote:
                    ask = browser.get if method == "GET" else browser.post
                    answer = ask(path, entry.data, REMOTE_ADDR=where)
                    list(answer.streaming_content) if answer.streaming else None
                yield Cell(entry, role, method, own, outcome(answer), tuple(sorted(wrote)))


def _edges(entry: Entry, method: str, *, own: bool) -> list[str]:
    """Return the roles next to which another one gets something else.

    Who is switched off is signed out; a house rule asks all addresses as nobody.
    """
    if method not in entry.methods:
        return ["administrator"]
    roles = [role for role in ROLES if role not in {"anonymous", "deactivated"}]
    if entry.is_of_admin:
        roles = roles[-2:]
    gets = [entry.expected(role, method, own=own) for role in roles]
    around = zip([None, *gets], gets, [*gets[1:], gets[-1]], strict=False)
    edges = [before != got or got != after for before, got, after in around]
    later = [LATER] if method in entry.confirms else []
    return [role for role, edge in zip(roles, edges, strict=True) if edge] + later


@contextmanager
def writing() -> Iterator[set[str]]:
    """Yield a set that is filled with the tables to which anything is written meanwhile."""
    tables: set[str] = set()

    def note(execute: Callable, sql: Any, *args: Any) -> Any:
        tables.update(table for table in WRITES.findall(str(sql)) if table not in NOT_COUNTED)
        return execute(sql, *args)

    with connection.execute_wrapper(note):
        yield tables


def outcome(answer: HttpResponse) -> str:
    """Return in a word how a request was answered."""
    address = answer.headers.get("Location", "")
    if address.startswith("/accounts/login/?next="):
        return SIGN_IN
    if address.startswith("/accounts/confirm/"):
        return CONFIRM
    refused = answer.status_code in {403, 404, 405, 429} or answer.status_code >= 500
    return str(answer.status_code) if refused else YES
