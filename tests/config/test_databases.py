"""How Annals is connected to its databases."""

import environ
import psycopg
import pytest
from django.db import connection

from accounts.replica import ALIAS
from config.databases import database_settings
from tests.config.test_health import other_connection


@pytest.mark.django_db(transaction=True)
def test_connections_that_the_database_ended_are_replaced_before_anybody_gets_one() -> None:
    connection.close_pool()  # with whatever earlier tests have left in it
    connection.ensure_connection()
    connection.close()  # it goes back into the pool
    with psycopg.connect(**other_connection()) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid != pg_backend_pid()"
        )
    for _request in range(8):  # the pool hands its connections round
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        connection.close()


def test_each_process_has_so_many_connections_at_most(monkeypatch) -> None:
    monkeypatch.setenv("DATABASE_POOL_SIZE", "3")
    monkeypatch.setenv("DATABASE_URL", "postgres://annals@db.example/annals?keepalives_idle=99")
    options = database_settings(environ.Env())["DATABASES"]["default"]["OPTIONS"]
    assert options["pool"]["max_size"] == 3
    assert options["keepalives_idle"] == 99
    assert options["tcp_user_timeout"] == 40_000


def test_without_a_replica_there_is_one_database(monkeypatch) -> None:
    monkeypatch.setenv("READ_DATABASE_URL", "")
    assert ALIAS not in database_settings(environ.Env())["DATABASES"]


def test_a_replica_is_waited_for_less_long_than_the_database(monkeypatch) -> None:
    monkeypatch.setenv("READ_DATABASE_URL", "postgres://annals@replica.example/annals")
    found = database_settings(environ.Env())["DATABASES"]
    assert found[ALIAS]["HOST"] == "replica.example"
    patience = {name: each["OPTIONS"]["pool"]["timeout"] for name, each in found.items()}
    assert patience == {"default": 4, ALIAS: 2}
