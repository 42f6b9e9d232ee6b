"""Leases: what a process works on, for all to see, and free again once that process is dead."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import Error, connection


@contextmanager
def held(key: UUID) -> Iterator[bool]:
    """Hold the lease of that id while the block runs; yield whether we, and not another, have it.

    It is an advisory lock of the database session (PostgreSQL, 13.3.5): when the process dies or
    loses its connection, the database knows at once. Within one session it can be held twice.
    """
    number = key.int % 2**63  # of a UUIDv7: its random bits
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        [ours] = cursor.fetchone()
    session = connection.connection
    try:
        yield ours
    finally:
        if ours and connection.connection is session:
            _release(number)


def _release(number: int) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
    except Error:
        # The lease ends with its session. Back in the pool, the session would keep it.
        connection.connection.close()
        connection.close()
