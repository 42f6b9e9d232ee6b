"""The same demo for the same seed, whoever makes it, and as much as was asked for."""

import os
from collections import Counter
from collections.abc import Iterable
from statistics import median
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from activity.demo import world
from activity.management.commands import seed_demo
from activity.models import ActivityEvent
from contacts.models import Contact
from tests.activity.demo.seeding import seed, story
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make all demos of a test at the same moment: in the next hour they have an hour more."""
    now = timezone.now()
    monkeypatch.setattr(seed_demo, "timezone", SimpleNamespace(now=lambda: now))


def made_twice(**arguments: Any) -> Iterable[tuple[list[Any], list[Any]]]:
    """Yield who is there and what happened, of two makings in an empty database."""
    for _ in range(2):
        undo = transaction.savepoint()
        seed(**arguments)
        yield list(Contact.objects.order_by("id").values_list("id", "sort_name", "emails")), story()
        transaction.savepoint_rollback(undo)


def names_of_indexes() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")
        return {name for (name,) in cursor.fetchall()}


def test_the_same_seed_makes_the_same_demo() -> None:
    [first, second] = made_twice(contacts=12, events=300, seed=7)
    assert first == second


def test_another_seed_makes_another_demo() -> None:
    undo = transaction.savepoint()
    seed(contacts=60, events=400, seed=1)
    first = story()
    transaction.savepoint_rollback(undo)
    seed(contacts=60, events=400, seed=2)
    assert story() != first


def test_the_size_of_batches_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    undo = transaction.savepoint()
    seed(contacts=60, events=500)
    whole = story()
    transaction.savepoint_rollback(undo)
    monkeypatch.setattr(seed_demo, "BATCH", 37)
    seed(contacts=60, events=500)
    assert story() == whole


@pytest.mark.django_db(transaction=True)
def test_several_processes_make_the_same_demo_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    indexes = names_of_indexes()
    with transaction.atomic():
        seed(contacts=60, events=600)
        alone = story()
        transaction.set_rollback(True)
    monkeypatch.setattr(seed_demo, "BATCH", 150)
    monkeypatch.setattr(seed_demo, "AT_ONCE", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(world, "BLOCK", 40)
    seed(contacts=60, events=600)
    assert story() == alone
    assert names_of_indexes() == indexes


@pytest.mark.parametrize("events", [900, 901, 902, 903, 904])
def test_it_makes_as_many_as_it_was_asked_for_and_says_so(events: int) -> None:
    said = seed(contacts=70, events=events, seed=events)
    assert Contact.objects.count() == 70
    assert ActivityEvent.objects.count() == events
    assert said.startswith(f"70 contacts, {events} events in ")


def test_it_makes_a_single_contact_without_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("seed_demo", "--contacts=1", "--events=1", verbosity=0)
    assert [contact.name for contact in Contact.objects.all()] == ["Liam O’Donoghue"]
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("make", [make_contact, make_user])
def test_it_refuses_a_database_in_which_somebody_works(make: Any) -> None:
    make()
    with pytest.raises(CommandError) as refusal:
        seed()
    assert str(refusal.value) == (
        "This database has users or contacts already; demo data is for an empty one."
    )
    assert refusal.value.returncode == 1
    assert User.objects.count() + Contact.objects.count() == 1


@pytest.mark.parametrize("number", ["0", "-3", "many"])
def test_it_says_what_is_wrong_with_a_number(number: str) -> None:
    with pytest.raises(CommandError, match=f"{number} is not a whole number above 0"):
        call_command("seed_demo", f"--contacts={number}")


def test_a_few_contacts_have_most_of_the_events() -> None:
    seed(contacts=300, events=6_000)
    events = ActivityEvent.objects.exclude(contact_id=None).values_list("contact_id", flat=True)
    counts = sorted(Counter(events).values(), reverse=True)
    assert counts[0] > 50 * median(counts)
    assert median(counts) > 2


def test_a_batch_takes_about_as_many_queries_whether_it_is_small_or_large() -> None:
    def queries(**arguments: int) -> int:
        undo = transaction.savepoint()
        with CaptureQueriesContext(connection) as captured:
            seed(**arguments)
        transaction.savepoint_rollback(undo)
        return len(captured)

    assert queries(contacts=1600, events=1700) <= queries(contacts=200, events=300) + 20
