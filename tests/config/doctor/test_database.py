"""The doctor names what is wrong with the database."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from config.backup import unfinished
from config.doctor import database
from tests.config.doctor.findings import said

pytestmark = pytest.mark.django_db


def test_a_sound_database_is_not_talked_about() -> None:
    for check in (
        *(database.reachable, database.version, database.kind, database.sessions),
        *(database.connections, database.migrations, database.clocks),
    ):
        assert said(check) == ""


def test_a_server_that_may_lose_or_keep_too_much_is_named(monkeypatch: Any) -> None:
    assert "ERROR fsync is off" in said(database.durable)  # the tests' own
    sound = dict.fromkeys(("fsync", "full_page_writes", "synchronous_commit"), "on")
    chatty = sound | {"log_error_verbosity": "default", "log_min_error_statement": "error"}
    monkeypatch.setattr(database, "_ask", lambda *_: chatty.items())
    assert "WARNING PostgreSQL’s own log keeps values" in said(database.durable)
    monkeypatch.setattr(database, "_ask", lambda *_: [("SQL_ASCII", "1", "2")])
    assert "keeps texts as SQL_ASCII" in said(database.kind)
    assert "ERROR The system sorts texts otherwise" in said(database.kind)
    monkeypatch.setattr(database, "_ask", lambda *_: [(timezone.now() - timedelta(minutes=1),)])
    assert "ERROR The clocks" in said(database.clocks)
    monkeypatch.setattr(database, "_ask", lambda *_: [(5,)])
    assert "are more than the 5" in said(database.connections)
    monkeypatch.setattr(database, "OLDEST", 99)
    assert "ERROR PostgreSQL is of version" in said(database.version)


def test_a_pooler_that_shares_sessions_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with database._connect() as shared:
        shared.close = lambda: None  # as behind a pooler: the next one gets the same session
        monkeypatch.setattr(database, "_connect", lambda: shared)
        monkeypatch.setattr(type(shared), "__exit__", lambda *_: None)
        assert "ERROR Connections share sessions" in said(database.sessions)
        monkeypatch.undo()


def test_a_database_of_another_version_and_an_unfinished_restore_are_named() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(name) FROM django_migrations WHERE app = 'contacts'")
        cursor.execute("DELETE FROM django_migrations WHERE name = %s", cursor.fetchone())
    assert "migrations are missing" in said(database.migrations)
    assert said(database.guards) == ""
    unfinished.begin("sum")
    assert "A backup was not restored to the end" in said(database.migrations)


def test_a_guard_that_somebody_took_off_is_named() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE activity_event DISABLE TRIGGER annals_guard")
    assert "A guard of the log is not as it should be" in said(database.guards)
