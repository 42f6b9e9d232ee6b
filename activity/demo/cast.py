"""The hand-written part of the demo: cast.toml as steps."""

import tomllib
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import chain, count
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from activity.demo import outreach
from activity.demo.deeds import (
    add_comment,
    archive_or_restore,
    change,
    delete_comment,
    edit_comment,
)
from activity.demo.ending import Ending
from activity.demo.identity import identity
from activity.demo.life import Life, Step
from activity.demo.team import Team
from activity.receivers import draft_of_import
from contacts.models import Contact, ImportFailure, ImportRun

PAUSE = timedelta(seconds=50)  # between the changes of one sitting
UNITS = {"m": "minutes", "h": "hours"}


def moment(ago: str, now: datetime) -> datetime:
    """Return when something was: "40m" or "3h" before now, or "12 14:05", days before yesterday."""
    if ago[-1] in UNITS:
        return now - timedelta(**{UNITS[ago[-1]]: float(ago[:-1])})
    days, _space, clock = ago.partition(" ")
    day = now.date() - timedelta(days=1 + int(days))
    return datetime.combine(day, time.fromisoformat(clock), now.tzinfo)


class Story(NamedTuple):
    """What is written of a contact, in order; it begins with how the contact came."""

    contact_id: UUID
    steps: list[Step]

    @property
    def came(self) -> datetime:
        """Return since when the contact is there."""
        return self.steps[0].at


class Cast:
    """The first `size` people of cast.toml, and what happened with them until now."""

    def __init__(self, team: Team, seed: int, now: datetime, size: int) -> None:
        written = tomllib.loads((Path(__file__).parent / "cast.toml").read_text())
        self._team, self._seed, self._now = team, seed, now
        self._comments, self._letters = count(), count()
        self._people = [written["gone"], *written["people"][:size]]
        self._imports = written["imports"]
        self.size = len(self._people) - 1
        self._tellers = {
            "say": self._say,
            "sets": self._set,
            "archive": self._put_away,
            "restore": self._put_away,
            "write": self._write,
            "reply": self._reply,
            "invite": self._invite,
            "share": self._share,
            "opts_out": self._opt_out,
        }
        self.runs: list[Step] = [self._finish(run) for run in self._imports]
        self.stories: list[Story] = [
            Story(self._id(number), sorted(self._tell(number, person), key=lambda step: step.at))
            for number, person in enumerate(self._people)
        ]

    @property
    def events(self) -> int:
        """Return how many events all of this makes."""
        told = chain(self.runs, *(story.steps for story in self.stories))
        return sum(step.events for step in told)

    @property
    def busy(self) -> list[Story]:
        """Return the stories of those whose days are full, whoever came first."""
        pairs = zip(self._people, self.stories, strict=True)
        busy = (story for person, story in pairs if not person.get("quiet"))
        return sorted(busy, key=lambda story: (story.came, story.contact_id))

    def _id(self, number: int) -> UUID:
        return identity(self._seed, "cast", number)

    def _tell(self, number: int, person: dict[str, Any]) -> Iterator[Step]:
        yield self._arrive(self._id(number), person)
        for entry in person.get("story", ()):
            [tell] = [tell for key, tell in self._tellers.items() if key in entry]
            yield from tell(entry, moment(entry["ago"], self._now), self._id(number))

    def _arrive(self, pk: UUID, person: dict[str, Any]) -> Step:
        at, run = moment(person["came"], self._now), person.get("file")
        row = Contact(pk=pk, created_at=at, **self._with_owner(person["is"]))
        if run:
            context, verb = self._team.imports(person["by"], at), "contact.imported"
            details = {"file": run, "import": str(self._run_id(run)), "line": person["line"]}
        else:
            context, verb = self._team.acts(person["by"], at, "contact_new"), "contact.created"
            details = {}
        return Step(context, lambda life: life.put(row, verb, details))

    def _run_id(self, name: str) -> UUID:
        return identity(self._seed, f"import {name}", 0)

    def _finish(self, written: dict[str, Any]) -> Step:
        at, failures = moment(written["ago"], self._now), written["failures"]
        created = sum(person.get("file") == written["name"] for person in self._people)
        run = ImportRun(
            pk=self._run_id(written["name"]),
            name=written["name"],
            format=written["format"],
            encoding="utf-8",
            delimiter=",",
            state=ImportRun.State.FINISHED,
            total=created + len(failures),
            done=created + len(failures),
            created=created,
            skipped=sum(failure["skipped"] for failure in failures),
            failed=sum(not failure["skipped"] for failure in failures),
            started_by=self._team.people[written["by"]],
            uploaded_at=at,
            started_at=at,
            touched_at=at,
            finished_at=at,
        )

        def finish(life: Life) -> None:
            for row in (run, *(ImportFailure(run=run, **each) for each in failures)):
                life.keep(row)
            life.note(draft_of_import(run, life.context))

        return Step(self._team.imports(written["by"], at), finish)

    def _say(self, entry: dict[str, Any], at: datetime, contact_id: UUID) -> Iterator[Step]:
        pk, who = identity(self._seed, "story", next(self._comments)), entry["by"]
        context = self._team.acts(who, at, "contact_comments")
        yield add_comment(context, pk, contact_id, entry["say"])
        if "edited_after" in entry:
            later = at + timedelta(minutes=entry["edited_after"])
            yield edit_comment(self._team.acts(who, later, "comment_edit"), pk, entry["rather"])
        if "deleted_after" in entry:
            later = at + timedelta(minutes=entry["deleted_after"])
            yield delete_comment(self._team.acts(who, later, "comment_delete"), pk)

    def _set(self, entry: dict[str, Any], at: datetime, contact_id: UUID) -> Iterator[Step]:
        for number, values in enumerate(entry["sets"]):
            context = self._team.acts(entry["by"], at + number * PAUSE, "contact_edit")
            yield change(context, contact_id, self._with_owner(values))

    def _put_away(self, entry: dict[str, Any], at: datetime, contact_id: UUID) -> Iterator[Step]:
        reasons = entry.get("archive", ""), entry.get("restore", "")
        route = "contact_archive" if "archive" in entry else "contact_restore"
        context = self._team.acts(entry["by"], at, route)
        yield archive_or_restore(context, contact_id, reasons)

    def _write(self, entry: dict[str, Any], at: datetime, contact_id: UUID) -> Iterator[Step]:
        context = self._team.acts(entry["by"], at, "contact_messages")
        pk = self._next("message")
        yield outreach.send_message(context, pk, contact_id, entry)
        if "error" in entry:
            later = at + timedelta(minutes=12)
            yield outreach.come_back(self._team.visited(later, "anymail"), pk, entry)

    def _reply(self, entry: dict[str, Any], at: datetime, contact_id: UUID) -> Iterator[Step]:
        context = self._team.visited(at, "portal")
        yield outreach.receive_message(context, self._next("message"), contact_id, entry)

    def _invite(self, entry: dict[str, Any], at: datetime, contact_id: UUID) -> Iterator[Step]:
        pk = self._next("invitation")
        context = self._team.acts(entry["by"], at, "contact_invitations")
        yield outreach.invite(context, pk, contact_id, entry)
        for state in ("opened", "accepted", "expired"):
            if f"{state}_after" in entry:
                later = at + timedelta(minutes=entry[f"{state}_after"])
                visit = self._team.visited(later, "invitation")
                yield outreach.answer(visit, pk, contact_id, state)

    def _share(self, entry: dict[str, Any], at: datetime, contact_id: UUID) -> Iterator[Step]:
        context = self._team.acts(entry["by"], at, "contact_shares")
        yield outreach.share(context, self._next("share"), contact_id, entry)

    def _opt_out(self, entry: dict[str, Any], at: datetime, contact_id: UUID) -> Iterator[Step]:
        context = self._team.acts(entry["by"], at, "contact_opt_out")
        yield outreach.opt_out(context, contact_id, entry["opts_out"])

    def _next(self, noun: str) -> UUID:
        return identity(self._seed, noun, next(self._letters))

    def _with_owner(self, values: dict[str, Any]) -> dict[str, Any]:
        return {
            name: self._team.people[value] if name == "owner" else value
            for name, value in values.items()
        }

    @property
    def ending(self) -> Ending:
        """Return what happens last with these people."""
        ids = [self._id(number) for number in range(len(self._people))]
        return Ending(self._team, dict(zip(ids, self._people, strict=True)))
