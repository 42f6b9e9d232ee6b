"""What waits, fails or hangs, as the database tells of it, at the same cost at any size."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from contacts.models import Delivery

COUNTED = 100_000  # mails under way; above it the number stands for more
DAY = datetime.timedelta(days=1)

# In the index of what is not finished, so far as it goes.
_UNDER_WAY = """
SELECT state, count(*), min(due_at) FROM (
    SELECT state, due_at FROM contacts_delivery
    WHERE state IN ('queued', 'sending') ORDER BY due_at LIMIT %s
) AS few GROUP BY state
"""
_OF_THE_DAY = """
SELECT state, count(*) FROM contacts_delivery WHERE created_at > %s GROUP BY state
"""


@dataclass(frozen=True)
class Mail:
    """How mail is getting on.

    `under_way`: how many are queued or being sent, COUNTED at most in all; `of_the_day`: what
    became of those made within the last 24 hours, by state; `overdue`: seconds for which the
    longest waiting one could have left.
    """

    under_way: Mapping[str, int]
    of_the_day: Mapping[str, int]
    overdue: float

    @property
    def overdue_minutes(self) -> int:
        """Return `overdue` in whole minutes."""
        return int(self.overdue // 60)

    @property
    def of_the_day_labelled(self) -> list[tuple[str, str, int]]:
        """Return `of_the_day` as state, what it is called, and number."""
        return [
            (state, str(label), self.of_the_day[state]) for state, label in Delivery.State.choices
        ]


def read_mail() -> Mail:
    """Return how mail is getting on, in two queries."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(_UNDER_WAY, [COUNTED])
        waiting = {state: (count, due_at) for state, count, due_at in cursor.fetchall()}
        cursor.execute(_OF_THE_DAY, [now - DAY])
        of_the_day = dict(cursor.fetchall())
    _count, due_at = waiting.get("queued", (0, now))
    states: Any = Delivery.State.values
    return Mail(
        under_way={state: waiting.get(state, (0,))[0] for state in ("queued", "sending")},
        of_the_day={state: of_the_day.get(state, 0) for state in states},
        overdue=max(0.0, (now - due_at).total_seconds()),
    )
