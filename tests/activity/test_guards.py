"""The guards are where they must be: a forgotten model or column is found here."""

import pytest
from django.db import connection, models

from activity.models import (
    ActivityEvent,
    ActivityOrigin,
    Anchor,
    Checkpoint,
    Epoch,
    Leaf,
    LedgerKey,
    Node,
)
from contacts.models import Tracked

pytestmark = pytest.mark.django_db

TRACKED = Tracked.__subclasses__()
HISTORIES = [model.history.model for model in TRACKED]
LEDGER = [Epoch, LedgerKey, Leaf, Node, Checkpoint, Anchor]
# Columns that are nobody's business: what the database computes, and when something last happened.
NOT_CONTENT = {"search", "sort_name", "last_activity_at"}


def table(model: type[models.Model]) -> str:
    return model._meta.db_table


def triggers(model: type[models.Model]) -> dict[str, str]:
    """Return {name of the trigger: when it fires} of ours on a model's table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgenabled FROM pg_trigger"
            " WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [table(model)],
        )
        return dict(cursor.fetchall())


def columns_of_trigger(model: type[models.Model], name: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_object_column FROM information_schema.triggered_update_columns"
            " WHERE event_object_table = %s AND trigger_name = %s",
            [table(model), name],
        )
        return {column for (column,) in cursor.fetchall()}


def columns(model: type[models.Model]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
            [table(model)],
        )
        return {column for (column,) in cursor.fetchall()}


@pytest.mark.parametrize("model", TRACKED)
def test_every_tracked_table_is_guarded(model: type[Tracked]) -> None:
    assert triggers(model) == {
        "annals_version": "A",
        "annals_added_or_removed": "A",
        "annals_changed": "A",
        "annals_no_truncate": "A",
    }


@pytest.mark.parametrize("model", TRACKED)
def test_every_column_of_a_tracked_table_counts_its_version(model: type[Tracked]) -> None:
    assert columns_of_trigger(model, "annals_version") == columns(model) - NOT_CONTENT


@pytest.mark.parametrize("model", TRACKED)
def test_the_guards_compare_every_column_they_count(model: type[Tracked]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger"
            " WHERE tgname = 'annals_version' AND tgrelid = %s::regclass",
            [table(model)],
        )
        [definition] = cursor.fetchone()
    for column in columns(model) - NOT_CONTENT:
        assert f"old.{column}" in definition
        assert f"new.{column}" in definition


@pytest.mark.parametrize("model", TRACKED)
def test_every_version_holds_all_content_of_its_row(model: type[Tracked]) -> None:
    assert columns(model) - columns(model.history.model) <= NOT_CONTENT | {"created_at"}


@pytest.mark.parametrize("model", TRACKED)
def test_completeness_is_checked_at_commit(model: type[Tracked]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 't' AND condeferrable AND condeferred",
            [table(model)],
        )
        assert {n for (n,) in cursor.fetchall()} == {"annals_added_or_removed", "annals_changed"}


@pytest.mark.parametrize("model", [ActivityEvent, ActivityOrigin, *HISTORIES, *LEDGER])
def test_the_log_is_guarded(model: type[models.Model]) -> None:
    guards = {"annals_guard": "A", "annals_no_truncate": "A"}
    written = {"annals_stamp": "A", "annals_pending": "A"} if model is ActivityEvent else {}
    assert triggers(model) == guards | written


def test_every_model_with_a_version_of_its_rows_is_tracked() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_name LIKE '%historical%'"
        )
        assert {name for (name,) in cursor.fetchall()} == {table(model) for model in HISTORIES}
