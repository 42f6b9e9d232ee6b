"""A database for each contender, on the PostgreSQL that Annals brings along."""

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from bench.sizes import FOLDER
from config import embedded


@contextmanager
def server() -> Iterator[dict[str, str]]:
    """Run the server while the block runs, and give Django's settings of it.

    Exits with a sentence where another run uses it: the two would measure each other.
    """
    if FOLDER.resolve() != embedded.VAR:
        raise RuntimeError("ANNALS_VAR must be set before Annals is imported.")
    with (FOLDER / "bench.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"Another run is measuring in {FOLDER}: wait until it has ended.")
        embedded.start()
        try:
            yield embedded.database()
        finally:
            embedded.stop()


def make(settings: dict[str, str], name: str) -> dict[str, str]:
    """Make an empty database in place of what an earlier run left, and return its settings."""
    drop(settings, name)
    _execute(settings, sql.SQL("CREATE DATABASE {}").format(_identifier(name)))
    return {**settings, "NAME": _named(name)}


def drop(settings: dict[str, str], name: str) -> None:
    """Drop a contender's database, whoever is connected to it."""
    statement = "DROP DATABASE IF EXISTS {} WITH (FORCE)"
    _execute(settings, sql.SQL(statement).format(_identifier(name)))


def version(settings: dict[str, str]) -> str:
    """Return the server's version."""
    return _execute(settings, sql.SQL("SHOW server_version"))


def _named(name: str) -> str:
    return f"bench_{name}"


def _identifier(name: str) -> sql.Identifier:
    return sql.Identifier(_named(name))


def _execute(settings: dict[str, str], statement: sql.Composed | sql.SQL) -> Any:
    with psycopg.connect(
        host=settings["HOST"], user=settings["USER"], dbname=settings["NAME"], autocommit=True
    ) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None
