"""Reads what an address asks for. What makes no sense is left out, so that no address fails."""

import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_date

WORDS_MAX = 200  # characters; more than anybody types into a search field
YEARS = range(1901, 9000)  # of what databases and calendars can do sums with


def words(typed: str) -> str:
    """Return the text without what PostgreSQL cannot hold (NUL, half of a surrogate pair).

    Nothing that was recorded has any of that in it.
    """
    return typed.replace("\x00", "").encode("utf-8", "replace").decode().strip()[:WORDS_MAX]


def uuid(typed: str) -> UUID | None:
    """Return the id, None where it is none."""
    try:
        return UUID(typed)
    except ValueError:
        return None


def day(typed: str) -> datetime.date | None:
    """Return the date written as 2026-05-31, None where it is none."""
    try:
        found = parse_date(typed)
    except ValueError:
        return None
    return found if found and found.year in YEARS else None


def midnight(day: datetime.date) -> datetime.datetime:
    """Return when the day begins in the viewer's zone."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))
