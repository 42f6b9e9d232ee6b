"""What comes before anything is measured."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from bench.people import person


@contextmanager
def hurrying() -> Iterator[None]:
    """Run the block without waiting for the disk at each COMMIT, as nothing is measured yet."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET synchronous_commit")


def prepare(contender: Any) -> bool:
    """Make the contender's tables and its user."""
    with hurrying():
        contender.prepare()
    return True


def populate(contender: Any, contacts: int) -> bool:
    """Create that many contacts, by the contender's own way, and read their statistics."""
    made = [contender.contacts(**person(number)) for number in range(contacts)]
    with hurrying(), contender.acting(), transaction.atomic():
        contender.create(made)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return True
