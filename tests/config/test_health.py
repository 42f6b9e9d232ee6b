"""What load balancers and process managers ask."""

import psycopg
import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from config import health


def other_connection() -> dict[str, str]:
    """Return what psycopg needs to connect to the tests' database beside Django."""
    parameters = connection.get_connection_params()
    return {name: parameters[name] for name in ("host", "dbname", "user")}


def test_liveness_needs_neither_sign_in_nor_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.content == b"ok\n"


def parts(answer: HttpResponse) -> dict[str, bool]:
    """Return what works, without the warnings about what works less safely than it could."""
    return {name: works for name, works in answer.json().items() if name != "warnings"}


@pytest.mark.django_db
def test_readiness_names_each_part(client: Client) -> None:
    health.note_worker()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert parts(answer) == {"database": True, "redis": True, "worker": True}


@pytest.mark.django_db
def test_annals_is_not_ready_while_no_worker_was_seen(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert parts(answer) == {"database": True, "redis": True, "worker": False}


@pytest.mark.django_db
def test_annals_is_not_ready_without_redis(client: Client, settings) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert parts(answer) == {"database": True, "redis": False, "worker": False}


@pytest.mark.django_db(transaction=True)
def test_annals_is_not_ready_without_database(client: Client, settings) -> None:
    health.note_worker()
    with connection.cursor() as cursor, psycopg.connect(**other_connection()) as other:
        cursor.execute("SELECT pg_backend_pid()")
        other.execute("SELECT pg_terminate_backend(%s)", cursor.fetchone())
        answer = client.get("/readyz")
    connection.close()
    assert answer.status_code == 503
    assert parts(answer) == {"database": False, "redis": True, "worker": True}


@pytest.mark.django_db
def test_readiness_names_a_guard_that_somebody_took_off_and_stays_ready(client: Client) -> None:
    health.note_worker()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE activity_event DISABLE TRIGGER annals_guard")
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert any("annals_guard on activity_event" in text for text in answer.json()["warnings"])


def test_health_is_read_only(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
    assert client.post("/readyz").status_code == 405
