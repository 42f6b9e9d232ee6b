"""Random things done at once: the log tells of all that happened, and of nothing else.

300 of them here; `python -m tests.faults.random_operations` does 10,000.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from activity.models import ActivityEvent
from activity.recording import Draft, write
from contacts.models import Contact
from tests.builders import make_contact, make_user
from tests.faults import random_operations, witness

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def watched() -> Iterator[None]:
    """Watch what really changes."""
    witness.install()
    yield
    witness.remove()


def unguarded(*statements: str) -> None:
    """Run statements as an owner of the tables could, with the guards put aside."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE tgname ~ '^annals_'")
        guards = cursor.fetchall()
        for table, guard in guards:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {guard}")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or no table could be altered
        for table, guard in guards:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {guard}")


def test_of_300_random_operations_the_log_tells_exactly_what_happened() -> None:
    record = random_operations.run(operations=300, threads=4, seed=4)
    assert record.problems == []
    assert record.counts.total() >= 300
    assert len(record.made) > 60
    assert len(record.undone) > 60
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname = 'chaos_note'")
        assert cursor.fetchone() == (0,)


# That nothing was found proves something only if these are.


def test_a_change_without_an_event_is_found(watched: None) -> None:
    amara = make_contact()
    assert list(witness.problems()) == []
    unguarded("UPDATE contacts_contact SET city = 'Paris'")
    assert any("changed in transaction" in each for each in witness.problems())
    assert any(f"contacts_contact {amara.pk} went through 2" in p for p in witness.problems())


def test_a_role_without_an_event_is_found(watched: None) -> None:
    ben = make_user(name="Ben")
    unguarded("DELETE FROM accounts_user_groups")
    problems = "; ".join(witness.problems())
    assert "accounts_user_groups" in problems
    assert f"user {ben.pk} is " in problems


def test_an_event_without_a_change_is_found(watched: None) -> None:
    amara = make_contact()
    write([Draft("contact.updated", "contact", amara.pk, amara.pk, {"changes": [{"new": "x"}]})])
    assert ["contact.updated, is about a change that nobody saw" in p for p in witness.problems()]
    assert len(list(witness.problems())) == 1


def test_a_version_that_was_rewritten_is_found(watched: None) -> None:
    make_contact()
    unguarded("UPDATE contacts_historicalcontact SET city = 'Paris'")
    assert any("went through 1 states, recorded: 1" in each for each in witness.problems())


def test_a_contact_that_is_gone_without_a_receipt_is_found(watched: None) -> None:
    make_contact()
    unguarded("DELETE FROM contacts_contact")
    assert any("without an event" in each for each in witness.problems())


@pytest.mark.parametrize("whose", ["contact", "user"])
def test_what_was_rolled_back_and_still_stands_somewhere_is_found(whose: str) -> None:
    one: Any = make_contact(city="m0n1z") if whose == "contact" else make_user(name="m0n1z")
    found = list(witness.leftovers(["m0n1z", "m0n2z"]))
    assert f"{one._meta.db_table} holds m0n1z, which was rolled back" in found
    assert "activity_event holds m0n1z, which was rolled back" in found
    assert not any("m0n2z" in each for each in found)


def test_a_mark_that_no_event_tells_of_is_found() -> None:
    amara = make_contact(city="m0n1z")
    assert list(witness.missing({"m0n1z": amara.pk})) == []
    assert list(witness.missing({"m0n2z": amara.pk})) == [f"no event of {amara.pk} tells of m0n2z"]
    Contact.objects.get().delete()
    assert list(witness.missing({"m0n2z": amara.pk})) == []
    assert ActivityEvent.objects.filter(verb="contact.deleted").exists()
