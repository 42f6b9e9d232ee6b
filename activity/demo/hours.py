"""When people work: most of it in the daytime on weekdays, and more this year than last."""

import random
from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate

HOUR = timedelta(hours=1)
WEEKEND = 0.06  # of a weekday
# How much happens in each hour of a day, in UTC.
BUSY = (0, 0, 0, 0, 0, 0.1, 0.5, 2, 5, 6, 6, 5, 3, 5, 6, 6, 5, 3, 1.5, 1, 0.8, 0.5, 0.2, 0.1)


class WorkingHours:
    """The hours between `start` and `end`, and how much of all the work is done in each."""

    def __init__(self, start: datetime, end: datetime) -> None:
        self.start, self._hours = start, int((end - start) / HOUR)
        done = list(accumulate(map(self._weight, range(self._hours)), initial=0.0))
        self._done = [each / (done[-1] or 1) for each in done]

    def part(self, at: datetime) -> float:
        """Return how much of the work, from 0 to 1, is done before a moment."""
        hour, rest = divmod(max((at - self.start) / HOUR, 0.0), 1)
        if hour >= self._hours:
            return 1.0
        before, after = self._done[int(hour) : int(hour) + 2]
        return before + rest * (after - before)

    def moment(self, part: float) -> datetime:
        """Return when that much of the work, less than 1, is done."""
        hour = bisect_right(self._done, part) - 1
        before, after = self._done[hour : hour + 2]
        return self.start + HOUR * (hour + (part - before) / (after - before))

    def moments(self, rng: random.Random, after: datetime, count: int) -> Iterator[datetime]:
        """Yield `count` moments after another, in order."""
        done = self.part(after)
        parts = [done + (1 - done) * rng.random() for _ in range(count)]
        return (self.moment(part) for part in sorted(parts))

    def in_turn(self, rng: random.Random, count: int) -> Iterator[datetime]:
        """Yield `count` moments over all of the time, in order, one hour's worth at once."""
        given = 0
        for hour, done in enumerate(self._done[1:]):
            due = round(count * done) - given
            given += due
            for part in sorted(rng.random() for _ in range(due)):
                yield self.start + HOUR * (hour + part)

    def _weight(self, hour: int) -> float:
        at = self.start + HOUR * hour
        weekday = WEEKEND if at.weekday() > 4 else 1
        return BUSY[at.hour] * weekday * (0.5 + hour / self._hours)
