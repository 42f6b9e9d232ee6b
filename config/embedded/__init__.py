"""PostgreSQL and Redis that Annals brings along, for machines that have none.

They run under ANNALS_VAR on unix sockets only. Each process that uses them holds a lock that the
kernel takes back however the process ends, so that the last one knows to stop them.
"""

import atexit
import fcntl
import logging
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from config.embedded import postgres, redis
from config.embedded.folder import VAR, Unavailable, explain, make
from config.embedded.postgres import database
from config.embedded.redis import redis_url
from config.secrets import read_files

__all__ = [
    "VAR",
    "Unavailable",
    "database",
    "explain",
    "make",
    "redis_url",
    "secret_key",
    "start",
    "stop",
    "watch",
]

logger = logging.getLogger(__name__)
WATCH_SECONDS = 1

# This process's share of VAR/embedded.users, while it uses the servers.
_share: IO[bytes] | None = None
_durable = True


def secret_key() -> str:
    """Return this installation's own secret, made once and kept in VAR/secret_key."""
    make(VAR)
    try:
        with _locked(VAR / "secret_key", fcntl.LOCK_EX) as file:
            if not (key := file.read()):
                key = secrets.token_urlsafe(50).encode()
                file.write(key)
            return key.decode()
    except OSError as error:
        raise explain(error) from error


def start(*, durable: bool = True) -> None:
    """Start what DATABASE_URL and REDIS_URL do not name and does not run, until this process ends.

    `durable=False` is for databases thrown away afterwards. Raises Unavailable.
    """
    global _share, _durable  # noqa: PLW0603  one share per process, as the servers are
    read_files()
    if _share or not any(_wanted()):
        return
    make(VAR)
    _durable = durable
    try:
        _share = _open(VAR / "embedded.users")
        atexit.register(stop)
        fcntl.flock(_share, fcntl.LOCK_SH)
        with _locked(VAR / "embedded.lock", fcntl.LOCK_EX):
            _start_wanted()
    except OSError as error:
        raise explain(error) from error


def watch() -> None:
    """Start again whichever server has ended, for as long as this process uses them.

    A thread calls this. What cannot be started is tried again each second; why, is logged once, and
    not the first time, as somebody else may just be starting it.
    """
    failures = 0
    while _share:
        time.sleep(WATCH_SECONDS)
        if not (ended := _ended()):
            continue
        try:
            with _locked(VAR / "embedded.lock", fcntl.LOCK_EX):
                if _share:
                    _start_wanted()
                    logger.warning("%s had ended, and was started again.", " and ".join(ended))
            failures = 0
        except (OSError, Unavailable) as error:
            failures += 1
            if failures == 2:
                problem = error if isinstance(error, Unavailable) else explain(error)
                logger.warning("%s", problem)


def stop() -> None:
    """Give up this process's share; the last one stops the servers."""
    global _share  # noqa: PLW0603
    if not _share:
        return
    with _share, _locked(VAR / "embedded.lock", fcntl.LOCK_EX):
        try:
            fcntl.flock(_share, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        else:
            redis.stop()
            postgres.stop()
        _share = None  # while nobody else can look


def _wanted() -> tuple[bool, bool]:
    """Return whether PostgreSQL is ours to run, and whether Redis is."""
    return not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL")


def _ended() -> list[str]:
    """Return the names of the servers that are ours to run and do not."""
    servers = zip(("PostgreSQL", "Redis"), (postgres, redis), _wanted(), strict=True)
    return [name for name, server, wanted in servers if wanted and not server.is_running()]


def _start_wanted() -> None:
    of_postgres, of_redis = _wanted()
    if of_postgres:
        postgres.start(durable=_durable)
    if of_redis:
        redis.start()


def _open(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")


@contextmanager
def _locked(path: Path, kind: int) -> Iterator[IO[bytes]]:
    """Open `path`, for its owner alone where it is new, and hold its lock until the block ends."""
    with _open(path) as file:
        fcntl.flock(file, kind)
        yield file
