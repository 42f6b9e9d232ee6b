"""How long processors worked for something: in this process, and in its database's backends."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from django.db import connection

# Only of this database: each contender has its own.
_BACKENDS = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend'
"""


@dataclass
class Spent:
    """Seconds: worked by this process, worked by the database, and passed on the clock."""

    client: float = 0.0
    database: float = 0.0
    wall: float = 0.0

    def per(self, count: int) -> dict[str, float]:
        """Return the seconds for one of `count` pieces of work, with their sum as `cpu`."""
        each = {name: seconds / count for name, seconds in asdict(self).items()}
        return {"cpu": each["client"] + each["database"], **each}


@contextmanager
def measured() -> Iterator[Spent]:
    """Measure the block; read the result when it has ended.

    Rubbish of what went before is collected first, so that nobody pays for it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BACKENDS)
        pids = [pid for (pid,) in cursor.fetchall()]
    gc.collect()
    spent = Spent()
    database, client, wall = _worked(pids), time.process_time(), time.perf_counter()
    yield spent
    spent.client = time.process_time() - client
    spent.wall = time.perf_counter() - wall
    ended = _worked(pids)
    spent.database = sum(ended.get(pid, began) - began for pid, began in database.items())


def _worked(pids: list[int]) -> dict[int, float]:
    """Return {pid: seconds that processors worked for it} of those processes that are there.

    A pool ends connections that were idle for long, and those had nothing to do. The first number
    of /proc/<pid>/schedstat is nanoseconds; `utime` and `stime` of /proc/<pid>/stat count the same
    in ticks of 10 ms, too coarse for a round.
    """
    found = {}
    for pid in pids:
        with suppress(FileNotFoundError):
            nanoseconds = Path(f"/proc/{pid}/schedstat").read_text().split()[0]
            found[pid] = int(nanoseconds) / 1e9
    return found
