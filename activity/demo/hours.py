"""When people work: most of it in the daytime on weekdays, and more this year than last."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
WEEKEND = 0.06  # of a weekday
# How much happens in each hour of a day, in UTC.
BUSY = (0, 0, 0, 0, 0, 0.1, 0.5, 2, 5, 6, 6, 5, 3, 5, 6, 6, 5, 3, 1.5, 1, 0.8, 0.5, 0.2, 0.1)


def working_moments(
    rng: random.Random, start: datetime, end: datetime, count: int
) -> Iterator[datetime]:
    """Yield `count` moments between start and end, in order, one hour's worth at a time."""
    hours = int((end - start) / HOUR)
    total = sum(_weight(start, hours, hour) for hour in range(hours))
    passed, given = 0.0, 0
    for hour in range(hours):
        passed += _weight(start, hours, hour)
        due = round(count * passed / total) - given
        given += due
        for part in sorted(rng.random() for _ in range(due)):
            yield start + HOUR * (hour + part)


def _weight(start: datetime, hours: int, hour: int) -> float:
    at = start + HOUR * hour
    weekday = WEEKEND if at.weekday() > 4 else 1
    return BUSY[at.hour] * weekday * (0.5 + hour / hours)
