"""What it costs the database to erase many contacts together."""

from typing import Any

import pytest
from django.db import connection

from activity.models import ActivityEvent
from contacts.models import Contact

pytestmark = pytest.mark.django_db

COUNT = 300


def run(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def events_read() -> int:
    """Return how many events this transaction has read by an index."""
    [(read,)] = run(
        "SELECT idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'activity_event'"
    )
    return read


def test_the_guard_of_a_version_does_not_read_the_erasures_of_others() -> None:
    contacts = Contact.objects.bulk_create(Contact(given_name="A") for _number in range(COUNT))
    run("ANALYZE activity_event")  # which knows no erasures yet
    before = events_read()
    Contact.erase(contacts, reason="Import reverted")
    run("SET CONSTRAINTS ALL IMMEDIATE")
    assert ActivityEvent.objects.filter(verb="privacy.erased").count() == COUNT
    assert events_read() - before < 30 * COUNT
