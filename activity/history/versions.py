"""Versions of rows side by side: what each field held before and after."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst

from activity.history import values
from activity.models import ActivityEvent
from contacts.models import Contact, Tracked

# A version is kept right after its event was written; between the two a clock may be set back.
SLACK = datetime.timedelta(seconds=1)


@dataclass(frozen=True)
class Side:
    """A field's value in one version: its texts, and whether each is in this version only.

    `version` is that from which the value can be put back; None where it cannot, or holds now.
    """

    texts: Sequence[tuple[str, bool]] = ()
    version: int | None = None

    @property
    def text(self) -> str:
        """Return the value on one line."""
        return ", ".join(text for text, _is_own in self.texts)


@dataclass(frozen=True)
class Difference:
    """A field that two versions of a row hold different values of."""

    name: str
    label: str
    before: Side
    after: Side
    differs: bool = True


@dataclass(frozen=True)
class Pair:
    """A version of a row and the one before it; none before the first."""

    model: type[Tracked]
    before: Any
    after: Any


def pairs(events: Iterable[ActivityEvent]) -> dict[int, Pair]:
    """Return {event id: the versions around it} for those that changed a row.

    One query for each model, however many events.
    """
    nouns = {model.noun: model for model in Tracked.__subclasses__()}
    wanted: dict[type[Tracked], list[ActivityEvent]] = defaultdict(list)
    for event in events:
        if event.object_type in nouns and "row_version" in (event.payload or {}):
            wanted[nouns[event.object_type]].append(event)
    return {
        event.id: pair for model, about in wanted.items() for event, pair in _pairs_of(model, about)
    }


def _pairs_of(
    model: type[Tracked], events: list[ActivityEvent]
) -> Iterator[tuple[ActivityEvent, Pair]]:
    numbers = {event.payload["row_version"] for event in events}
    kept = model.history.model.objects.filter(
        id__in={event.object_id for event in events},
        version__in=numbers | {number - 1 for number in numbers},
    )
    rows = {(row.id, row.version): row for row in kept}
    for event in events:
        number = event.payload["row_version"]
        after = rows.get((event.object_id, number))
        if after and is_made_by(after, event):
            yield event, Pair(model, rows.get((event.object_id, number - 1)), after)


def is_made_by(row: Any, event: ActivityEvent) -> bool:
    """Tell whether an event made this version, and does not only tell which one it found."""
    made_at = row.history_date + SLACK
    return row.history_change_reason == event.verb and event.occurred_at <= made_at


def differences(
    pair: Pair,
    named: dict[Any, str],
    now: Contact | None = None,
    *,
    told: Sequence[dict[str, Any]] = (),
    also_same: bool = False,
) -> list[Difference]:
    """Return the fields in which the versions of a pair differ, in the order of the model.

    `named` maps users' ids to names, `told` are the changes as an event tells them, which keeps the
    names of that day. With `now`, the contact as it is, values that it does not hold can be put
    back. With `also_same`, fields that hold the same in both, and not nothing, are there too.
    """
    recorded = {change["field"]: change for change in told}
    found = []
    for name, field in values.fields_of(pair.model).items():
        held = [getattr(row, name) if row else None for row in (pair.before, pair.after)]
        differs = held[0] != held[1]
        if not (differs or also_same):
            continue
        old, new = (values.texts(pair.model, name, each, named) for each in held)
        if not (old or new):
            continue
        change = recorded.get(name)
        if change:
            old, new = _told(change["old"]), _told(change["new"])
        numbers = [
            row.version if row and _can_be_put_back(now, name, value) else None
            for row, value in zip((pair.before, pair.after), held, strict=True)
        ]
        found.append(
            Difference(
                name=name,
                label=str(capfirst(field.verbose_name)),
                before=Side([(text, text not in new) for text in old], numbers[0]),
                after=Side([(text, text not in old) for text in new], numbers[1]),
                differs=differs,
            )
        )
    return found


def as_told(changes: Iterable[dict[str, Any]]) -> list[Difference]:
    """Return the fields that an event tells of, where no version was kept of what it changed."""
    return [
        Difference(
            name=change["field"],
            label=change["label"],
            before=Side([(text, True) for text in _told(change["old"])]),
            after=Side([(text, True) for text in _told(change["new"])]),
        )
        for change in changes
    ]


def people_in(pairs: Iterable[Pair]) -> dict[Any, str]:
    """Return {id: name} of all users that the versions of these pairs name, in one query."""
    keys = {
        key
        for pair in pairs
        for key in values.names_in(pair.model, filter(None, (pair.before, pair.after)))
    }
    return values.people(keys) if keys else {}


def _can_be_put_back(now: Contact | None, name: str, value: Any) -> bool:
    return now is not None and now.can_put_back(name) and value != getattr(now, name)


def _told(value: Any) -> list[str]:
    if isinstance(value, list):
        return [values.text(each) for each in value]
    shown = values.text(value)
    return [shown] if shown else []
