"""Reading from a streaming replica, where READ_DATABASE_URL names one.

Pages that tolerate it (config/reading.py) are read from the replica, once it has replayed all that
the person asking has seen or done. Everything else, and every write, goes to the primary.
"""

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections

logger = logging.getLogger(__name__)

ALIAS = "replica"  # in DATABASES
FAILURES = (DatabaseError, InterfaceError)  # by which a database that does not answer is known
LOOK_AFTER = 1.0  # seconds for which what is known of the replica holds
PATIENCE = 0.5  # seconds that a file waits for the replica before it is read from the primary
RETRY_AFTER = 5.0  # seconds for which a replica that failed is left alone

# Positions in the log of writes, as numbers, and which database cluster it is the log of.
_WRITTEN = "SELECT pg_current_wal_insert_lsn() - '0/0', system_identifier FROM pg_control_system()"
_REPLAYED = "SELECT pg_last_wal_replay_lsn() - '0/0', system_identifier FROM pg_control_system()"

_is_read: ContextVar[bool] = ContextVar("replica_is_read", default=False)


class Router:
    """Sends reads to the replica inside `reading`: of contacts and the log, never of accounts.

    Who somebody is and what they may do is always read from the primary, and so is what a
    transaction reads.
    """

    APPS = frozenset({"activity", "contacts"})

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """Return the database to read the model's rows from."""
        is_open = connections[DEFAULT_DB_ALIAS].in_atomic_block
        if model._meta.app_label in self.APPS and _is_read.get() and not is_open:
            return ALIAS
        return DEFAULT_DB_ALIAS

    def db_for_write(self, model: Any, **hints: Any) -> str:
        """Return the primary."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        """Allow rows of both to be put together: they are the same rows."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        """Refuse to change the replica, which follows by itself."""
        return db != ALIAS


@contextmanager
def choosing() -> Iterator[None]:
    """Run a block in which `read` may choose the replica, until its end at the latest."""
    token = _is_read.set(False)
    try:
        yield
    finally:
        _is_read.reset(token)


def read() -> None:
    """Read from the replica until the surrounding `choosing` ends, or until `stay_on_primary`."""
    _is_read.set(True)


def is_read() -> bool:
    """Tell whether reads go to the replica here."""
    return _is_read.get()


def stay_on_primary() -> None:
    """Read from the primary for the rest of the request: it has written, or the replica failed."""
    _is_read.set(False)


def written() -> int:
    """Return the position up to which the primary has written. Raises as a query does."""
    return _ask(DEFAULT_DB_ALIAS, _WRITTEN)[0]


def _ask(alias: str, sql: str) -> tuple[int, int]:
    with connections[alias].cursor() as cursor:
        cursor.execute(sql)
        position, cluster = cursor.fetchone()
        return int(position or 0), cluster


class Follower:
    """How far the replica is, as far as this process knows. It is asked once a second at most.

    How old its state is, is measured by the primary's positions that this process has noted, and
    no clock but its own: a replica that lost its primary cannot know that it is behind.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._noted: deque[tuple[float, int]] = deque(maxlen=1000)  # positions not replayed yet
        self._replayed = -1
        # Moments on the monotonic clock.
        self._known_since = math.inf
        self._as_of = self._looked_at = self._left_alone_until = -math.inf
        self.problem = ""  # why it is not read, as a sentence

    def has(self, position: int = 0) -> bool:
        """Tell whether it can be read by somebody who knows the primary up to `position`."""
        now = time.monotonic()
        if now < self._left_alone_until:
            return False
        if position > self._replayed or now - self._looked_at > LOOK_AFTER:
            self._look(now)
        return position <= self._replayed and self._is_recent(now)

    def reaches(self, position: int) -> bool:
        """Wait a moment for it to have `position`, and tell whether it has."""
        end = time.monotonic() + PATIENCE
        while not (is_there := self.has(position)) and time.monotonic() < end and not self.problem:
            time.sleep(0.01)  # PostgreSQL 18 has nothing to wait for that by
        return is_there

    def _is_recent(self, now: float) -> bool:
        return now - self._as_of <= settings.READ_MAX_LAG_SECONDS

    def fail(self, error: Exception) -> None:
        """Leave it alone for a while, as it failed, and give up the connection it failed over."""
        connections[ALIAS].close()
        self._left_alone_until = time.monotonic() + RETRY_AFTER
        reason = str(error).partition("\n")[0].rstrip(".")
        self._note(f"The replica of READ_DATABASE_URL does not answer: {reason}.")

    def _look(self, now: float) -> None:
        # Nobody waits while somebody else asks: a replica that is gone takes its time to be it.
        if not self._lock.acquire(blocking=False):
            return
        try:
            written, cluster = _ask(DEFAULT_DB_ALIAS, _WRITTEN)
            replayed, followed = _ask(ALIAS, _REPLAYED)
        except FAILURES as error:
            self.fail(error)
        else:
            self._looked_at = now
            self._known_since = min(self._known_since, now)
            self._replayed = replayed if cluster == followed else -1
            self._noted.append((now, written))
            while self._noted and self._noted[0][1] <= self._replayed:
                self._as_of = self._noted.popleft()[0]
            self._note(self._fault(now, is_ours=cluster == followed))
        finally:
            self._lock.release()

    def _fault(self, now: float, *, is_ours: bool) -> str:
        if not is_ours:
            return "READ_DATABASE_URL names no replica of the database of DATABASE_URL."
        limit = settings.READ_MAX_LAG_SECONDS
        # A process that has just begun does not know yet.
        if self._is_recent(now) or now - self._known_since <= limit:
            return ""
        return f"The replica of READ_DATABASE_URL is more than {limit} seconds behind."

    def _note(self, problem: str) -> None:
        """Keep why it is not read, and say so in the log when that changes."""
        known, self.problem = self.problem, problem
        if problem and not known:
            logger.warning("%s Pages are read from the primary.", problem)
        elif known and not problem:
            logger.warning("The replica of READ_DATABASE_URL is read again.")


follower = Follower()
