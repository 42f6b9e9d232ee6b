"""Contacts beyond the cast: most come from files, the others are typed in one by one."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

from activity.demo.everyday import Everyday
from activity.demo.hours import WorkingHours
from activity.demo.identity import chance, identity
from activity.demo.life import Life, Step
from activity.demo.team import Team
from activity.demo.words import person, words
from activity.receivers import draft_of_import
from contacts.models import ImportRun

FILE, CHUNK = 5_000, 500  # rows of a file, and of one transaction of its import
PAUSE = timedelta(milliseconds=400)  # that such a transaction takes
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


class Arrival(NamedTuple):
    """When a contact comes, and where from: a row of a file, or typed in."""

    number: int
    at: datetime
    file: File | None = None
    row: int = 0


class Crowd:
    """`size` contacts that are made up, and whose time are these hours."""

    def __init__(self, team: Team, seed: int, size: int, hours: WorkingHours) -> None:
        self.team, self.seed, self.hours = team, seed, hours
        self._files = list(_files(size, hours.start))
        self._typed = size - sum(file.rows for file in self._files)
        self.events = size + len(self._files)

    def arrivals(self) -> Iterator[Arrival]:
        """Yield how each contact comes, in order."""
        moments = self.hours.in_turn(chance(self.seed, "crowd"), self._typed)
        typed = ((at, None, 0) for at in moments)
        imported = (
            (file.at + PAUSE * (row // CHUNK + 1), file, row)
            for file in self._files
            for row in range(file.rows)
        )
        numbers = count()
        for at, file, row in heapq.merge(typed, imported, key=lambda each: each[0]):
            yield Arrival(next(numbers), at, file, row)

    def life(self, arrival: Arrival, events: int) -> Iterator[Step]:
        """Yield how a contact comes, and so many events of its everyday life."""
        rng, at = chance(self.seed, f"contact {arrival.number}"), arrival.at
        row = person(rng)
        row.pk, row.created_at = identity(self.seed, "contact", arrival.number), at
        if file := arrival.file:
            chunk = identity(self.seed, f"file {file.number}", arrival.row // CHUNK)
            context = self.team.imports("max", at, chunk)
            verb, details = "contact.imported", {
                "file": file.name,
                "import": str(self._run_id(file)),
                "line": arrival.row + 2,
            }  # fmt: skip
        else:
            who = rng.choice(("mia", "mia", "max"))
            row.owner = self.team.people[who] if rng.random() < 0.6 else None
            context, verb, details = self.team.acts(who, at, "contact_new"), "contact.created", {}
        yield Step(context, lambda life: life.put(row, verb, details))
        everyday = Everyday(self.team, rng, row.pk, self.hours.start, may_go=True)
        yield from everyday.steps(self.hours.moments(rng, at, events))

    def runs(self) -> Iterator[Step]:
        """Yield the end of each import."""
        return map(self._finish, self._files)

    def _finish(self, file: File) -> Step:
        at = file.at + PAUSE * -(-file.rows // CHUNK)
        run = ImportRun(
            pk=self._run_id(file),
            name=file.name,
            format=ImportRun.Format.CSV,
            encoding="utf-8",
            delimiter=",",
            state=ImportRun.State.FINISHED,
            total=file.rows,
            done=file.rows,
            created=file.rows,
            started_by=self.team.people["max"],
            uploaded_at=file.at,
            started_at=file.at,
            touched_at=at,
            finished_at=at,
        )

        def finish(life: Life) -> None:
            life.keep(run)
            life.note(draft_of_import(run, life.context))

        return Step(self.team.imports("max", at), finish)

    def _run_id(self, file: File) -> Any:
        return identity(self.seed, "import", file.number)


def _files(size: int, start: datetime) -> Iterator[File]:
    number = 0
    for day, part in LUMPS.items():
        left, at = int(size * part), start + timedelta(days=day)
        while left:
            yield File(number, at, min(left, FILE))
            left -= min(left, FILE)
            number, at = number + 1, at + timedelta(minutes=5)
