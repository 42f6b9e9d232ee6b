"""Lines on their way into the database, on disk: put down life by life, taken up day by day.

The time is cut into stretches, each about one transaction long. Any number of processes may write
into the same folder.
"""

import marshal
import os
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from django.db.models import Model

from activity.context import Context, current
from activity.demo.identity import passing
from activity.demo.lines import DELIMITER, line, text
from activity.models import ActivityEvent
from activity.recording import Draft, event_row, origin_row
from contacts.models import Tracked

MODELS = [
    *(each for model in Tracked.__subclasses__() for each in (model, model.history.model)),
    ActivityEvent,
]
HELD = 100_000  # entries in memory, a good hundred megabytes
_NUMBERS = {model: number for number, model in enumerate(MODELS)}
_EVENT = _NUMBERS[ActivityEvent]
EVENT_COLUMNS = [*event_row(Draft("comment.added", "comment", None, None, {}), Context())]
ORIGIN_COLUMNS = [*origin_row(Context())]


class Entry(NamedTuple):
    """A line of a model's table. Entries sort by table, and by when they happened.

    An event has the id and the line of its origin with it, which it may share with others.
    """

    model: int
    microsecond: int
    life: int
    place: int
    line: bytes
    origin: bytes = b""
    origin_line: bytes = b""


class Spool:
    """Where lives leave what became of them. `starts` are when the stretches begin."""

    def __init__(self, folder: Path, starts: list[datetime]) -> None:
        self._folder, self._starts = folder, starts
        self._entries: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
        self._held = 0
        self.kept: dict[int, list[Model]] = defaultdict(list)
        self.events: Counter[int] = Counter()
        self._clients: dict[tuple[Any, ...], str] = {}

    def add(self, text: bytes, model: type[Model], at: datetime, life: int, place: int) -> None:
        """Take a line of a model's table that comes into being at a moment."""
        entry = (_NUMBERS[model], _microsecond(at), life, place, text)
        self._take(self._stretch(at), entry)

    def note(self, event: Draft, life: int, place: int) -> None:
        """Take an event, with where it comes from."""
        context = event.context or current()
        at = context.clock()
        values = event_row(event, context)
        values["uid"] = passing(at)
        client = self._client(context)
        origin = f"{context.id.hex}{DELIMITER}{text(context.started_at)}{DELIMITER}{client}\n"
        entry = (_EVENT, _microsecond(at), life, place, line(values.values()))
        stretch = self._stretch(at)
        self._take(stretch, (*entry, context.id.bytes, origin.encode()))
        self.events[stretch] += 1

    def _client(self, context: Context) -> str:
        """Return the rest of an origin's line, which is the same for many."""
        key = context.route, context.channel, context.actor_id
        if key not in self._clients:
            _id, _started_at, *rest = origin_row(context).values()
            self._clients[key] = DELIMITER.join(map(text, rest))
        return self._clients[key]

    def keep(self, row: Model, at: datetime) -> None:
        """Take a row that is to be saved as it is."""
        self.kept[self._stretch(at)].append(row)

    def flush(self) -> None:
        """Put down what was taken so far."""
        for stretch, entries in self._entries.items():
            with (self._folder / f"{stretch}.{os.getpid()}").open("ab") as file:
                marshal.dump(entries, file)
        self._entries.clear()
        self._held = 0

    def _take(self, stretch: int, entry: tuple[Any, ...]) -> None:
        self._entries[stretch].append(entry)
        self._held += 1
        if self._held == HELD:
            self.flush()

    def _stretch(self, at: datetime) -> int:
        return bisect_right(self._starts, at)


def entries(folder: Path, stretch: int) -> list[Entry]:
    """Return what was put down for a stretch, in order, and take it from the disk."""
    found = []
    for path in sorted(folder.glob(f"{stretch}.*")):
        with path.open("rb") as file:
            found += _read(file)
        path.unlink()
    return [Entry(*each) for each in sorted(found)]


def _read(file: Any) -> Iterator[tuple[Any, ...]]:
    while True:
        try:
            yield from marshal.load(file)  # noqa: S302 - written by ourselves just now
        except EOFError:
            return


def _microsecond(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)
