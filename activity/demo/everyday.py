"""What happens all the time: remarks, corrections, tags, now and then an archived contact."""

import heapq
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count, islice
from uuid import UUID

from activity.demo.deeds import add_comment, archive_or_restore, delete_comment, edit_comment
from activity.demo.identity import MILLISECOND, identity
from activity.demo.life import Life, Step
from activity.demo.team import Team
from activity.demo.words import remark, words
from contacts.models import Contact

MEMBERS = ("mia", "mia", "max", "ada")
FOLLOWED = timedelta(minutes=30)  # at most until what follows a step
EDITED, DELETED = 0.06, 0.02  # of all comments


Edit = Callable[[Contact], None]


class Everyday:
    """Makes one step after the other about a contact, which it may archive if `may_go`.

    `start` is when the demo begins.
    """

    def __init__(
        self, team: Team, rng: random.Random, contact_id: UUID, start: datetime, *, may_go: bool
    ) -> None:
        self._team, self._rng, self._contact_id = team, rng, contact_id
        self._start, self._may_go = start, may_go
        self._following: list[Step] = []
        self._later: list[tuple[datetime, int, Step]] = []
        self._order = count()

    def steps(self, moments: Iterator[datetime]) -> Iterator[Step]:
        """Yield one step for each of the moments, in the order in which they happen.

        What follows a step soon, as an edit follows a comment, takes the place of a later moment.
        """
        for at in moments:
            yield from self._due(at)
            yield self._step(at)
            places = len(list(islice(moments, len(self._following))))
            for step in self._following[:places]:
                heapq.heappush(self._later, (step.at, next(self._order), step))
            self._following = []
        yield from self._due(None)

    def _due(self, until: datetime | None) -> Iterator[Step]:
        while self._later and (until is None or self._later[0][0] <= until):
            yield heapq.heappop(self._later)[2]

    def _step(self, at: datetime) -> Step:
        rng = self._rng
        who, dice = rng.choice(MEMBERS), rng.random()
        if dice < 0.62:
            return self._comment(at, who)
        if dice < 0.7:
            for number in range(1, rng.choice((3, 3, 4, 5))):
                moment = at + timedelta(seconds=number * rng.uniform(20, 80))
                self._following.append(self._edit(moment, who))
        elif dice > 0.98 and self._may_go:
            return self._archive(at, who)
        return self._edit(at, who)

    def _comment(self, at: datetime, who: str) -> Step:
        rng = self._rng
        since = (at - self._start) // MILLISECOND
        pk = identity(0, f"comment {self._contact_id} {next(self._order)}", since)
        body, addition = remark(rng), rng.choice(words()["comments"]["additions"])
        fate, later = rng.random(), at + rng.uniform(0.1, 1) * FOLLOWED
        if fate < EDITED:
            context = self._team.acts(who, later, "comment_edit")
            self._following.append(edit_comment(context, pk, f"{body}\n\n{addition}"))
        elif fate < EDITED + DELETED:
            self._following.append(
                delete_comment(self._team.acts(who, later, "comment_delete"), pk)
            )
        return add_comment(self._team.acts(who, at, "contact_comments"), pk, self._contact_id, body)

    def _edit(self, at: datetime, who: str) -> Step:
        contact_id, edit = self._contact_id, self._rng.choice(EDITS)(self._rng)

        def do(life: Life) -> None:
            row = life.rows[contact_id]
            edit(row)
            life.put(row, "contact.updated")

        return Step(self._team.acts(who, at, "contact_edit"), do)

    def _archive(self, at: datetime, who: str) -> Step:
        given = words()["reasons"]
        reasons = self._rng.choice(given["archive"]), self._rng.choice(given["restore"])
        context = self._team.acts(who, at, "contact_archive")
        return archive_or_restore(context, self._contact_id, reasons)


def _tag(rng: random.Random) -> Edit:
    tag = rng.choice(words()["work"]["tags"])

    def edit(row: Contact) -> None:
        row.tags = [each for each in row.tags if each != tag][-3:] + [tag] * (tag not in row.tags)

    return edit


def _phone(rng: random.Random) -> Edit:
    end, tag = rng.randrange(100), _tag(rng)

    def edit(row: Contact) -> None:
        if row.phones:
            first, *others = row.phones
            # Another number of the same range, which reaches nobody either.
            end_now = (int(first[-2:]) + 1 + end % 99) % 100
            row.phones = [f"{first[:-2]}{end_now:02}", *others]
        else:
            tag(row)

    return edit


def _notes(rng: random.Random) -> Edit:
    one, other = rng.sample(words()["work"]["notes"], 2)

    def edit(row: Contact) -> None:
        row.notes = other if row.notes == one else one

    return edit


# Each returns a change that leaves the contact different, whatever it was like.
EDITS = (_tag, _tag, _phone, _notes)
