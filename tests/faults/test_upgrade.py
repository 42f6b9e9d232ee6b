"""Migrations leave the release before them something to serve from.

`python -m tests.faults.upgrade` tries that with real processes and a real release.
"""

import re
import threading
from importlib import import_module
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, migrations, transaction
from django.db.migrations.operations.base import Operation

from activity.management.commands import migrate

ROOT = Path(__file__).resolve().parent.parent.parent
# The newest migrations of the release that was the last one to be upgraded with a pause.
BEFORE = {"accounts": "0004", "activity": "0016", "contacts": "0021"}
# Of SQL, what takes away or renames what the release before still asks for, or rewrites a table.
TAKES_AWAY = re.compile(
    r"\b(DROP\s+(TABLE|COLUMN)|RENAME|SET\s+NOT\s+NULL|ALTER\s+COLUMN\s+\w+\s+TYPE)\b",
    re.I,
)
ONLY_ADDS = (
    migrations.AddIndex, migrations.AlterModelManagers, migrations.AlterModelOptions,
    migrations.CreateModel, migrations.RemoveConstraint, migrations.RemoveIndex,
    migrations.RunPython,
)  # fmt: skip


def since() -> list[str]:
    """Return the modules of all migrations that came later."""
    return [
        f"{app}.migrations.{path.stem}"
        for app, newest in BEFORE.items()
        for path in sorted((ROOT / app / "migrations").glob("0*.py"))
        if path.stem[:4] > newest
    ]


def wrong_with(operation: Operation) -> str:
    """Return why the release before could not go on after an operation, "" where it can."""
    if isinstance(operation, migrations.SeparateDatabaseAndState):
        return next(filter(None, map(wrong_with, operation.database_operations)), "")
    if isinstance(operation, migrations.RunSQL):
        found = TAKES_AWAY.search(str(operation.sql))
        return f"it says {found[0]}" if found else ""
    if isinstance(operation, (migrations.AddField, migrations.AlterField)):
        field = operation.field
        optional = field.null or field.has_db_default() or field.many_to_many
        return "" if optional else f"{operation.name} has to be filled"
    return "" if isinstance(operation, ONLY_ADDS) else f"it is {type(operation).__name__}"


@pytest.mark.parametrize("name", since())
def test_a_migration_takes_nothing_away_that_the_release_before_it_needs(name: str) -> None:
    found = [why for each in import_module(name).Migration.operations if (why := wrong_with(each))]
    assert not found, (
        f"{name}: {', '.join(found)}. Add first, and take away in a release after the next one; "
        "docs/upgrade.md says how."
    )


@pytest.mark.parametrize(
    "operation",
    [
        migrations.RemoveField("contact", "city"),
        migrations.DeleteModel("Tag"),
        migrations.RunSQL("ALTER TABLE contacts_contact DROP COLUMN city"),
    ],
    ids=lambda operation: type(operation).__name__,
)
def test_what_takes_something_away_is_found(operation: Operation) -> None:
    assert wrong_with(operation)


@pytest.mark.django_db(transaction=True)
def test_a_migration_lets_others_pass_while_a_table_is_in_use(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    taken, tried = threading.Event(), threading.Event()

    def read() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT FROM contacts_tag")
            taken.set()
            assert tried.wait(20)
        connection.close()

    def change(*args: object, **options: object) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE contacts_tag ADD COLUMN extra integer")
            transaction.set_rollback(True)

    monkeypatch.setattr(migrate, "WAIT", "50ms")
    monkeypatch.setattr(migrate.time, "sleep", lambda _seconds: tried.set())
    monkeypatch.setattr(migrate.Migrate, "handle", change)
    reader = threading.Thread(target=read)
    reader.start()
    assert taken.wait(20)
    call_command("migrate")
    reader.join()
    assert "A table is in use" in capsys.readouterr().out
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
