"""The contact as it was at a moment, beside what it is today."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import cached_property

from activity.history import versions
from activity.history.versions import Difference, Pair
from contacts.models import Contact

YEARS = range(1900, 9000)


@dataclass(frozen=True)
class Moment:
    """A contact at `when`. `asked` is what was typed; `when` is None where that is no time.

    `row` is its version of then; None before it was there.
    """

    contact: Contact
    asked: str
    when: datetime.datetime | None
    row: Any = None

    @property
    def is_to_come(self) -> bool:
        """Tell whether the moment lies in the future."""
        return self.when is not None and self.when > timezone.now()

    @cached_property
    def fields(self) -> Sequence[Difference]:
        """Return all that it held then or holds now, and which of it differs."""
        pair = Pair(Contact, self.row, self.contact)
        named = versions.people_in([pair])
        return versions.differences(pair, named, self.contact, also_same=True)

    @property
    def differing(self) -> int:
        """Return how many fields differ."""
        return sum(field.differs for field in self.fields)

    @cached_property
    def beginning(self) -> Any:
        """Return the first version of the contact that was kept."""
        return self.contact.history.order_by("version").first()


def at(contact: Contact, asked: str) -> Moment:
    """Return the contact as it was at a moment, as said in an address (see `read`)."""
    when = read(asked)
    if when is None:
        return Moment(contact, asked, None)
    kept = contact.history.filter(history_date__lte=when).order_by("-version")
    return Moment(contact, asked, when, kept.first())


def read(asked: str) -> datetime.datetime | None:
    """Return the moment that an ISO 8601 text says; None where it says none.

    Without an offset it is one of the viewer's zone, and as long as what was said: a minute
    includes all of its changes, a day all of the day's.
    """
    try:
        said = datetime.datetime.fromisoformat(asked.strip())
    except ValueError:
        return None
    if said.year not in YEARS:
        return None
    if said.tzinfo:
        return said
    return timezone.make_aware(_end(said, asked.strip()))


def _end(said: datetime.datetime, asked: str) -> datetime.datetime:
    if len(asked) <= len("2026-05-06"):
        return datetime.datetime.combine(said, datetime.time.max)
    if len(asked) <= len("2026-05-06T12:00"):
        said = said.replace(second=59)
    return said if said.microsecond else said.replace(microsecond=999_999)
