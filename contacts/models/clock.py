"""Times of rows that a clock may have noted before it was set back: they lie in the future."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone


def silent(column: str, age: timedelta) -> Q:
    """Return what says that a row gave no sign of life for so long.

    That includes one whose sign lies further ahead: the clock was set back since, and nobody shall
    wait until it is that late again.
    """
    now = timezone.now()
    return Q(**{f"{column}__lt": now - age}) | Q(**{f"{column}__gt": now + age})


def reached(column: str) -> Q:
    """Return what says that the time of a row has come, or that the row itself is of the future.

    `created_at` then lies ahead, and with it whatever was counted from there.
    """
    now = timezone.now()
    return Q(**{f"{column}__lte": now}) | Q(created_at__gt=now)
