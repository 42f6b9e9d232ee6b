"""The database: reachable, of the right kind, guarded, and with room for all connections."""

import os
import secrets
import time
from collections.abc import Iterator
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.translation import gettext as _

from activity.checks import check_database
from config.backup import unfinished
from config.doctor.finding import Finding, error, warning

OLDEST = 15  # PostgreSQL's major version
DRIFT, MUCH_DRIFT = 2, 30  # seconds

_KIND = """
SELECT getdatabaseencoding(), datcollversion,
    pg_database_collation_actual_version(oid) FROM pg_database WHERE datname = current_database()
"""
# Who connects with these values loses what was committed, or keeps what was to be forgotten.
_SETTINGS = "SELECT name, setting FROM pg_settings WHERE name = ANY(%s)"


def _ask(query: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values or None)
        return cursor.fetchall()


def _connect() -> psycopg.Connection[Any]:
    """Return a connection beside the pool, which would keep to itself why there is none."""
    parameters = connection.get_connection_params() | {"autocommit": True}
    for name in ("cursor_factory", "context", "pool", "prepare_threshold"):
        parameters.pop(name, None)
    return psycopg.connect(**parameters)


def answers() -> bool:
    """Tell whether there is a database to look at."""
    try:
        _connect().close()
    except psycopg.Error:
        return False
    return True


def reachable() -> Iterator[Finding]:
    """Does PostgreSQL answer?"""
    try:
        _connect().close()
    except psycopg.Error as problem:
        yield error(
            _("The database does not answer: %(reason)s")
            % {"reason": str(problem).partition("\n")[0]},
            _("Look whether PostgreSQL runs, and whether DATABASE_URL names it rightly."),
        )


def version() -> Iterator[Finding]:
    """Is PostgreSQL new enough?"""
    if (major := connection.pg_version // 10_000) < OLDEST:
        yield error(
            _("PostgreSQL is of version %(version)s.") % {"version": major},
            _("Annals needs PostgreSQL 15 or newer: bring it up to date, or move by a backup."),
        )


def kind() -> Iterator[Finding]:
    """Are texts stored and sorted as Annals expects?"""
    [(encoding, made, actual)] = _ask(_KIND)
    if encoding != "UTF8":
        yield error(
            _("The database keeps texts as %(encoding)s.") % {"encoding": encoding},
            _("Make a database with ENCODING 'UTF8', and move by a backup."),
        )
    if made != actual:
        yield error(
            _("The system sorts texts otherwise than when the indexes were made: they miss rows."),
            _(
                "As the owner, run: REINDEX DATABASE, then ALTER DATABASE ... REFRESH COLLATION "
                "VERSION."
            ),
        )


def durable() -> Iterator[Finding]:
    """Does the server keep what was committed, and forget what was erased?"""
    names = ("fsync", "full_page_writes", "synchronous_commit", "log_error_verbosity",
             "log_min_error_statement")  # fmt: skip
    found = dict(_ask(_SETTINGS, list(names)))
    for name in names[:3]:
        if found[name] == "off":
            yield error(
                _("%(setting)s is off: what was committed can be lost when the machine stops.")
                % {"setting": name},
                _("Switch it on in PostgreSQL's configuration."),
            )
    if found[names[3]] != "terse" or found[names[4]] != "panic":
        yield warning(
            _(
                "PostgreSQL’s own log keeps values of statements that fail: personal data stay "
                "there after they were erased."
            ),
            _("Set log_error_verbosity = terse and log_min_error_statement = panic."),
        )


def connections() -> Iterator[Finding]:
    """Does each process get its connections?"""
    [(room,)] = _ask(
        "SELECT sum(setting::int * CASE name WHEN 'max_connections' THEN 1 ELSE -1 END)"
        " FROM pg_settings WHERE name IN ('max_connections', 'superuser_reserved_connections')"
    )
    processes = int(os.environ.get("WEB_CONCURRENCY") or 2) + 1
    each = settings.DATABASES["default"]["OPTIONS"].get("pool", {}).get("max_size", 1)
    if processes * each > room:
        yield warning(
            _(
                "%(processes)s processes with %(each)s connections each are more than the %(room)s "
                "that PostgreSQL has."
            )
            % {"processes": processes, "each": each, "room": room},
            _("Raise max_connections, or lower DATABASE_POOL_SIZE or WEB_CONCURRENCY."),
        )


def sessions() -> Iterator[Finding]:
    """Has each connection a session of its own? Leases of mails are locks of sessions."""
    key = secrets.randbits(62)
    with _connect() as one, _connect() as other:
        one.execute("SELECT pg_advisory_lock(%s)", [key])
        [took_it_too] = other.execute("SELECT pg_try_advisory_lock(%s)", [key]).fetchone()
        one.execute("SELECT pg_advisory_unlock_all()")
        other.execute("SELECT pg_advisory_unlock_all()")
    if took_it_too:
        yield error(
            _(
                "Connections share sessions: a pooler such as PgBouncer is in transaction mode, "
                "and a mail could leave twice."
            ),
            _("Set pool_mode = session for Annals, or connect to PostgreSQL directly."),
        )


def migrations() -> Iterator[Finding]:
    """Is the database as this version of Annals expects it?"""
    if missing := _missing():
        yield error(
            _("The database is of another version of Annals: %(count)s migrations are missing.")
            % {"count": missing},
            _("As the owner, run: manage.py migrate, then create_app_role --apply."),
        )
    if unfinished.found():
        yield error(
            _("A backup was not restored to the end."),
            _("Run the same manage.py restore again: it goes on where it stopped."),
        )


def _missing() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def guards() -> Iterator[Finding]:
    """Is the log guarded, also against Annals itself?"""
    if _missing():
        return  # they are as the older version has made them
    for message in check_database([connection.alias]):
        yield warning(str(message.msg), str(message.hint or ""))


def clocks() -> Iterator[Finding]:
    """Do application and database agree on the time?"""
    began = time.monotonic()
    [(theirs,)] = _ask("SELECT clock_timestamp()")
    took = time.monotonic() - began
    apart = abs((timezone.now() - theirs).total_seconds()) - took
    if apart > DRIFT:
        make = error if apart > MUCH_DRIFT else warning
        yield make(
            _("The clocks of this machine and of the database are %(seconds)s seconds apart.")
            % {"seconds": round(apart)},
            _("Have both follow a time server (NTP)."),
        )


CHECKS = (version, kind, durable, connections, sessions, migrations, guards, clocks)
