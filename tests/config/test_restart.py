"""PostgreSQL is restarted, or stays away, while Annals runs: nobody waits long."""

import json
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.db import InterfaceError, OperationalError
from django.test import RequestFactory
from psycopg_pool import PoolTimeout

from config.failures import crashed

# A process with servers of its own, so that nobody else's end: it says how long each thing took.
PROCESS = """
import json, os, time
from threading import Barrier, Thread
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
from config import embedded
from config.embedded import postgres
embedded.start(durable=False)
import django
django.setup()
from django.conf import settings
from django.db import connection
from django.test import Client

settings.STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
IDLE = 6

def ask():
    start = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    connection.close()  # back into the pool
    return time.monotonic() - start

def hold(barrier):
    connection.ensure_connection()
    barrier.wait()
    connection.close()

def fill():
    barrier = Barrier(IDLE)
    threads = [Thread(target=hold, args=[barrier]) for _ in range(IDLE)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

fill()
postgres.stop()
postgres.start(durable=False)
restarted = []
for _ in range(IDLE + 2):
    restarted.append(ask())

client = Client(SERVER_NAME="localhost", raise_request_exception=False)
client.get("/nowhere")  # what the first page loads is not waiting for the database
fill()
postgres.stop()
client.cookies[settings.SESSION_COOKIE_NAME] = "x" * 32
start = time.monotonic()
answer = client.get("/contacts/")
away = [answer.status_code, "Retry-After" in answer.headers, time.monotonic() - start]
page = answer.content.decode()
postgres.start(durable=False)
back = ask()
print(json.dumps({"restarted": restarted, "away": away, "page": page, "back": back}))
"""


def test_after_a_restart_and_while_it_is_away_nobody_waits_long(run: Callable, var: Path) -> None:
    process = run(var, "-c", PROCESS)
    assert process.returncode == 0, process.stderr
    found = json.loads(process.stdout)
    assert max(found["restarted"]) < 3, found["restarted"]
    *answer, took = found["away"]
    assert answer == [503, True] and took < 8
    assert "Annals cannot reach its data right now" in found["page"]
    assert found["back"] < 3


@pytest.mark.parametrize(
    ("error", "cause", "status"),
    [
        (OperationalError, PoolTimeout(), 503),
        (OperationalError, psycopg.OperationalError("connection refused"), 503),
        (OperationalError, psycopg.errors.AdminShutdown(), 503),
        (OperationalError, psycopg.errors.CannotConnectNow(), 503),
        (OperationalError, psycopg.errors.TooManyConnections(), 503),
        (InterfaceError, psycopg.InterfaceError("the connection is closed"), 503),
        (OperationalError, psycopg.errors.DeadlockDetected(), 500),
        (OperationalError, psycopg.errors.DiskFull(), 507),
        (ValueError, None, 500),
    ],
    ids=lambda each: (
        each if isinstance(each, int) else getattr(each, "__name__", type(each).__name__)
    ),
)
def test_only_what_passes_by_itself_is_said_to_pass(
    error, cause, status, rf: RequestFactory
) -> None:
    try:
        raise error from cause
    except error:
        assert crashed(rf.get("/")).status_code == status
