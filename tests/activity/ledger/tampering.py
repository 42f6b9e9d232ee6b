"""What somebody does who owns the database: changes behind the guards, and puts them back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from activity.ledger.verification.run import Verification

_GUARDS = """
SELECT tgrelid::regclass::text, tgname FROM pg_trigger
WHERE NOT tgisinternal AND tgenabled = 'A' AND tgrelid::regclass::text LIKE ANY(ARRAY[
    'activity\\_%', 'contacts\\_%', 'accounts\\_%'
])
"""
# A table's triggers cannot be switched while some of them have yet to run.
_NOTHING_DEFERRED = "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED"


def run(sql: str, *parameters: Any) -> int:
    """Run a statement and return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.rowcount


@contextmanager
def unguarded() -> Iterator[None]:
    """Switch all guards off, and back on afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(_NOTHING_DEFERRED)
        cursor.execute(_GUARDS)
        guards = cursor.fetchall()
        for table, guard in guards:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {guard}")
        yield
        cursor.execute(_NOTHING_DEFERRED)
        for table, guard in guards:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {guard}")


def forge(sql: str, *parameters: Any) -> None:
    """Run a statement behind the guards, which changes exactly one row."""
    with unguarded():
        assert run(sql, *parameters) == 1


def verified(**options: Any) -> list[tuple[str, int | None]]:
    """Verify the log; return the kind and event of each finding."""
    found = Verification(**options).run()
    return [(finding.kind, finding.event) for finding in found if not finding.is_notice]


def notices(**options: Any) -> list[str]:
    """Verify the log; return what an auditor is told that is no finding."""
    return [found.expected for found in Verification(**options).run() if found.is_notice]
