"""Events to read timelines with, written by the one writer at the time a test wants."""

import datetime
from collections.abc import Iterable
from typing import Any

from activity.context import acting
from activity.recording import Draft, write
from contacts.models import Contact

NOON = datetime.datetime(2026, 5, 6, 12, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)


def change(label: str = "City", old: Any = "", new: Any = "Lagos") -> dict[str, Any]:
    """Return a field change as payloads hold it."""
    draw = "list" if isinstance(new, list) else "text"
    return {"field": label.lower(), "label": label, "draw": draw, "old": old, "new": new}


def happen(
    contact: Contact,
    verb: str = "contact.updated",
    *,
    at: datetime.datetime = NOON,
    actor: Any = None,
    times: int = 1,
    changes: Iterable[dict[str, Any]] = (),
    **payload: Any,
) -> list[int]:
    """Write so many equal events of a contact at that moment; return their ids."""
    payload |= {"changes": list(changes) or [change()]}
    draft = Draft(verb, "contact", contact.pk, contact.pk, payload)
    with acting(actor=actor, channel="web", clock=lambda: at):
        return write([draft] * times)
