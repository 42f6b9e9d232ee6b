"""The mark on a database that is being restored: it goes once all of it is done."""

from django.db import connection

TABLE = "annals_unfinished_restore"


def found() -> str:
    """Return which backup was not restored to the end, by the SHA-256 of its manifest; else ""."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [TABLE])
        if not cursor.fetchone()[0]:
            return ""
        cursor.execute(f"SELECT backup FROM {TABLE}")  # noqa: S608 - a name of our own
        return (cursor.fetchone() or ["?"])[0]


def begin(backup: str) -> None:
    """Mark the database, before anything else is in it."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE IF NOT EXISTS {TABLE} (backup text PRIMARY KEY)")
        cursor.execute(f"INSERT INTO {TABLE} VALUES (%s) ON CONFLICT DO NOTHING", [backup])  # noqa: S608


def end() -> None:
    """Take the mark off."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
