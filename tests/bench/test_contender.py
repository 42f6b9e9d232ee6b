"""What a contender's process does, as Annals' does it."""

import importlib.util
import time
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from bench import columns
from bench.contenders.annals import Contender
from bench.cpu import measured
from bench.people import change, person
from bench.subjects import pages, reading, saving, trying
from bench.wsgi import Visitor
from contacts.models import Contact
from tests.builders import make_user


@pytest.fixture
def annals(transactional_db: None) -> Contender:
    """Return Annals' contender, with a user and three contacts, in a database of its own.

    Requests end as a server's do, which closes connections.
    """
    make_user(name="Ada")
    contender = Contender()
    with contender.acting(), transaction.atomic():
        contender.create([Contact(**person(number)) for number in range(3)])
    return contender


def test_work_counts_and_waiting_does_not(db: None) -> None:
    with measured() as waited:
        time.sleep(0.1)
    with measured() as worked:
        end = time.process_time() + 0.05
        while time.process_time() < end:
            pass
    assert waited.wall >= 0.1
    assert waited.client < 0.05
    assert worked.client >= 0.05


def test_what_the_database_works_counts_apart(db: None) -> None:
    with measured() as spent, connection.cursor() as cursor:
        cursor.execute("SELECT sum(sqrt(n)) FROM generate_series(1, 200000) AS n")
    each = spent.per(10)
    assert spent.database > spent.client
    assert each["cpu"] == pytest.approx((spent.client + spent.database) / 10)


@pytest.mark.django_db(transaction=True)
def test_what_is_recorded_and_what_refused_is_found_out_by_trying() -> None:
    make_user(name="Ada")
    outcomes = trying.tries(Contender())
    assert {name for name, outcome in outcomes.items() if outcome == "refused"} == {
        *("SQL INSERT", "SQL UPDATE", "SQL DELETE"),
        *("change an entry (SQL)", "delete an entry (SQL)"),
    }
    assert {name for name, outcome in outcomes.items() if outcome == "recorded"} == {
        *("save", "bulk_create", "QuerySet.update", "bulk_update", "QuerySet.delete"),
    }


def test_each_save_changes_two_fields_and_leaves_one_entry(annals: Contender) -> None:
    contact = Contact.objects.get(given_name="Amara")
    assert len(change(contact, 7)) == len(contact.unsaved()) == 2
    ids = list(Contact.objects.values_list("pk", flat=True))
    before = annals.records(ids)
    assert saving.saves(annals, count=3, turn=1)["cpu"] > 0
    assert annals.records(ids) == before + 3


def test_a_page_is_asked_for_by_somebody_signed_in(annals: Contender) -> None:
    page = pages.gets(annals, "/contacts/{pk}/", htmx=False, count=1, turn=1)
    assert page["queries"] > 0
    assert page["bytes"] > 5_000


def test_an_action_is_done(annals: Contender) -> None:
    pages.archives(annals, count=1, turn=1)
    assert Contact.objects.archived().count() == 1


def test_a_page_that_refuses_is_no_figure(annals: Contender) -> None:
    with pytest.raises(RuntimeError, match="404"):
        Visitor(annals.user).ask("/nowhere/")


def test_entries_are_multiplied_and_shown(annals: Contender) -> None:
    few, much, other = Contact.objects.order_by("id")
    with annals.acting(), transaction.atomic():
        change(other, 1)
        annals.save(other)
    annals.multiply([much.pk], 60)
    assert annals.records([much.pk]) == 61
    assert annals.records([few.pk]) == 1
    shown = reading.shows(annals, which=1, count=1, turn=1)
    assert shown["bytes"] > reading.shows(annals, which=0, count=1, turn=1)["bytes"] + 10_000


def test_others_get_the_columns_that_annals_has(db: None, tmp_path: Path) -> None:
    columns.write(tmp_path, Contact)
    path = tmp_path / "annals_columns.py"
    spec = importlib.util.spec_from_file_location("annals_columns", path)
    written: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(written)
    assert len(written.FIELDS) == len(Contact._meta.concrete_fields)
    assert [each.name for each in written.META["indexes"]] == [
        each.name for each in Contact._meta.indexes
    ]
    assert {"search", "sort_name"} <= set(written.UNRECORDED)
    with connection.cursor() as cursor:
        cursor.execute(written.SQL)
