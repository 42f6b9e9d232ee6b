"""Contacts beyond the cast: most come from files, the others are typed in one by one."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from activity.context import Context
from activity.demo.batch import Batch, Step
from activity.demo.hours import working_moments
from activity.demo.identity import chance, identity
from activity.demo.team import Team
from activity.demo.words import person, words
from activity.receivers import draft_of_import
from contacts.models import ImportRun

FILE, CHUNK = 5_000, 500  # rows of a file, and of one transaction of its import
# The part of all contacts that files bring, by the day of the year on which they come.
LUMPS = {1: 0.6, 92: 0.1, 183: 0.1, 274: 0.05}


@dataclass(frozen=True)
class File:
    """A file that somebody imports."""

    number: int
    at: datetime
    rows: int

    @property
    def name(self) -> str:
        """Return what it is called."""
        kind = words()["work"]["files"][self.number % len(words()["work"]["files"])]
        return f"{kind}-{self.number + 1}.csv"


class Crowd:
    """`size` contacts that are made up; `here` says how many of them have come so far."""

    def __init__(self, team: Team, seed: int, size: int, start: datetime, end: datetime) -> None:
        self._team, self._seed, self._start, self._end = team, seed, start, end
        self._rng = chance(seed, "crowd")
        self._files = list(_files(size, start))
        self._typed = size - sum(file.rows for file in self._files)
        self.events = size + len(self._files)
        self.here = self._made = 0

    def id(self, number: int) -> UUID:
        """Return the id of a contact by its number, counted from 0 in the order of coming."""
        return identity(self._seed, "contact", number)

    def arrivals(self) -> Iterator[Step]:
        """Yield what makes the contacts, in order."""
        moments = working_moments(self._rng, self._start, self._end, self._typed)
        typing = ((at, None) for at in moments)
        importing = ((file.at, file) for file in self._files)
        for at, file in heapq.merge(typing, importing, key=lambda arrival: arrival[0]):
            for step in self._import(file) if file else [self._type(at)]:
                yield step
                self.here = self._made  # now that it is on its way, others may follow it

    def _type(self, at: datetime) -> Step:
        who = self._rng.choice(("mia", "mia", "max"))
        owner = self._team.people[who] if self._rng.random() < 0.6 else None
        return self._arrive(self._team.acts(who, at, "contact_new"), "contact.created", {}, owner)

    def _import(self, file: File) -> Iterator[Step]:
        run = ImportRun(
            pk=identity(self._seed, "import", file.number),
            name=file.name,
            format=ImportRun.Format.CSV,
            encoding="utf-8",
            delimiter=",",
            state=ImportRun.State.FINISHED,
            total=file.rows,
            done=file.rows,
            created=file.rows,
            started_by=self._team.people["max"],
            uploaded_at=file.at,
            started_at=file.at,
        )
        lines = iter(range(2, file.rows + 2))
        at = file.at
        while chunk := list(islice(lines, CHUNK)):
            at += timedelta(milliseconds=400)
            context = self._team.imports("max", at)
            for line in chunk:
                details = {"file": file.name, "import": str(run.pk), "line": line}
                yield self._arrive(context, "contact.imported", details, None)
        run.touched_at = run.finished_at = at

        def finish(batch: Batch) -> None:
            run.save(force_insert=True)
            batch.note(draft_of_import(run, batch.context))

        yield Step(self._team.imports("max", at), finish)

    def _arrive(self, context: Context, verb: str, details: dict, owner: Any) -> Step:
        row = person(self._rng)
        row.pk, row.owner, row.created_at = self.id(self._made), owner, context.started_at
        self._made += 1
        return Step(context, lambda batch: batch.put(row, verb, details))


def _files(size: int, start: datetime) -> Iterator[File]:
    number = 0
    for day, part in LUMPS.items():
        left, at = int(size * part), start + timedelta(days=day, hours=8)
        while left:
            yield File(number, at, min(left, FILE))
            left -= min(left, FILE)
            number, at = number + 1, at + timedelta(minutes=5)
