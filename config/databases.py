"""The settings of the database, of its replica, and of the connections to both."""

from typing import Any

import psycopg
from environ import Env
from psycopg_pool import ConnectionPool

from accounts.replica import ALIAS
from config import embedded

# libpq's own, for connections by network; a URL may say otherwise. A machine that went away without
# a word is noticed in under a minute, waiting for its answer as well as between two requests.
NETWORK = {
    "connect_timeout": 10,  # seconds, as the others
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 40_000,  # milliseconds
}

PATIENCE = 4  # seconds; after that a request had better say that the database does not answer


class Connection(psycopg.Connection[Any]):
    """A connection that has its pool try all others at once where it finds that it is dead.

    A restart of PostgreSQL ends them all. The pool alone would find that out one by one, and wait
    for 1, 2, 4 seconds and so on between two of them, with a request waiting for each.
    """

    def execute(self, *args: Any, **kwargs: Any) -> psycopg.Cursor[Any]:
        """Run a query: this is how the pool tries a connection before a request gets it."""
        try:
            return super().execute(*args, **kwargs)
        except psycopg.OperationalError:
            # It has a pool only while it is not in it: those that the pool tries have none.
            if isinstance(self._pool, ConnectionPool):
                self._pool.check()
            raise


def database_settings(env: Env) -> dict[str, Any]:
    """Return the settings of databases, from the environment.

    DATABASE_URL: the database, PostgreSQL 15 or newer, as postgres://user:password@host/name;
    without it, the PostgreSQL 18 that comes along.
    DATABASE_POOL_SIZE: most connections of each process to each database; PostgreSQL needs
    max_connections above (WEB_CONCURRENCY + 1) times as many, for all machines together.
    READ_DATABASE_URL: a streaming replica of the database: pages that read much come from it, and
    from the database wherever the person asking would miss something on it.
    READ_MAX_LAG_SECONDS: seconds by which the replica may be behind and still be read.
    """
    size = env.int("DATABASE_POOL_SIZE", default=8)
    url = env("DATABASE_URL", default="")
    default = _pooled(env.db("DATABASE_URL") if url else embedded.database(), size, PATIENCE)
    # Only what asks for it is prepared: the statement that writes an event (activity/recording.py).
    default["OPTIONS"].setdefault("prepare_threshold", 1)
    found = {"default": default}
    if env("READ_DATABASE_URL", default=""):
        # Whoever waits longer is better answered from the primary.
        replica = _pooled(env.db("READ_DATABASE_URL"), size, 2) | {"TEST": {"MIRROR": "default"}}
        replica["OPTIONS"]["connect_timeout"] = 2
        found[ALIAS] = replica
    return {
        "DATABASES": found,
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "DATABASE_ROUTERS": ["accounts.replica.Router"] if ALIAS in found else [],
        "READ_MAX_LAG_SECONDS": env.int("READ_MAX_LAG_SECONDS", default=10),
    }


def _pooled(database: dict[str, Any], size: int, patience: float) -> dict[str, Any]:
    """Return the settings of a database with psycopg's own pool in front of it.

    The pool keeps connections open between requests, bounds their number in each process, and has
    each one answer before a request gets it, so that none fails because the database was restarted.
    """
    pool = {
        "connection_class": Connection,
        "min_size": 1,
        "max_size": size,
        "timeout": patience,  # seconds to wait for a connection
        # Seconds after which a failed connection is tried afresh: the pauses between tries double,
        # and whoever asks then would wait for the end of the last one.
        "reconnect_timeout": patience,
    }
    options = {**NETWORK, **database.get("OPTIONS", {}), "pool": pool}
    return {**database, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}
