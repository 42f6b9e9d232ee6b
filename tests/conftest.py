"""What all tests run on: a PostgreSQL and a Redis of their own, and a browser.

Everything lives in a temporary folder and is gone when the tests end.
"""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

pytest_plugins = ["tests.browsers"]
# Nothing of the machine's configuration reaches the tests but which database server to use. Redis
# is always their own: they empty it.
CONFIGURATION = (
    "ALLOWED_HOSTS",
    "ANNALS_LEDGER_KEY",
    "ANNALS_VAR",
    "DEBUG",
    "DEFAULT_FROM_EMAIL",
    "DJANGO_SETTINGS_MODULE",
    "EMAIL_PROVIDER",
    "EMAIL_URL",
    "INBOUND_DOMAIN",
    "LEDGER_ANCHOR_EMAILS",
    "LEDGER_ANCHOR_FOLDER",
    "PORT",
    "READ_DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "SITE_URL",
    "SUPPORT_EMAIL",
    "TRUSTED_PROXIES",
)
FOLDER = "ANNALS_TESTS"  # names the folder in which each process has its own
# The same examples each time, and no failure because the machine is busy.
hypothesis.settings.register_profile("annals", deadline=None, derandomize=True)
hypothesis.settings.load_profile("annals")

MANY_TESTS = 300  # of one file, which one process runs


def clear_away(folder: Path) -> None:
    """Stop the servers of processes that were killed before they could do it, and remove all."""
    for var in folder.iterdir():
        if (var / "postgres" / "postmaster.pid").exists() or (var / "redis/redis.sock").exists():
            # The last one to leave stops them.
            program = "from config import embedded; embedded.start()"
            environment = os.environ | {"ANNALS_VAR": str(var)}
            subprocess.run([sys.executable, "-c", program], env=environment, check=False)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start the servers in each process that runs tests, before Django reads its settings."""
    for name in CONFIGURATION:
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if not worker:
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="annals-test-", dir="/tmp")
        atexit.register(clear_away, Path(os.environ[FOLDER]))
    if config.getoption("numprocesses", None):
        return  # the tests run in other processes, which come here too
    os.environ["ANNALS_VAR"] = f"{os.environ[FOLDER]}/{worker or 'var'}"
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    from config import embedded

    try:
        embedded.start(durable=False)
    except embedded.Unavailable as problem:
        pytest.exit(str(problem), returncode=2)
    from django.conf import settings

    # Spare each test what a server does once, and users a hash that is slow on purpose.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.WHITENOISE_AUTOREFRESH = True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no process ends long after the others.

    They drive a browser, start all of Annals, fill a large database, or hold very many tests.
    """
    slow = {"page", "open_page", "start", "crowd"}  # fixtures
    tests = Counter(item.path for item in items)
    long = {item.path for item in items if slow & set(item.fixturenames)}
    long |= {path for path, count in tests.items() if count > MANY_TESTS}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(scope="session", autouse=True)
def static_files() -> None:
    """Collect the static files as a deployment does, so that every page names real ones."""
    from config.prepare import collect_static

    collect_static()


@pytest.fixture(scope="session")
def no_event_yet() -> None:
    """Start the tests without the event that notes the settings of a new deployment."""
    from django.apps import apps
    from django.db.models.signals import post_migrate

    activity = apps.get_app_config("activity")
    assert post_migrate.disconnect(sender=activity, dispatch_uid="activity.deployment")


@pytest.fixture(scope="session")
def django_db_setup(no_event_yet: None, django_db_setup: None) -> None:
    """Have the tables emptied after a transactional test by what is left in them alone.

    Django's flush would truncate every table and grant the roles their rights anew. That takes
    ten times as long, and our guards refuse it.
    """
    from django.test import TransactionTestCase

    from tests.tables import empty_tables

    TransactionTestCase._fixture_teardown = lambda case: empty_tables()


@pytest.fixture(scope="session")
def redis_client() -> Iterator[Any]:
    """Return a client of the tests' Redis, whose connection is made once for all of them."""
    import redis

    from config.embedded import redis_url

    with redis.Redis.from_url(redis_url()) as client:
        yield client


@pytest.fixture(autouse=True)
def empty_redis(redis_client: Any) -> None:
    """Start each test without what another left in the cache and the queue."""
    from config.cache import RedisOrMemoryCache
    from contacts.broker import Broker

    redis_client.flushdb()
    RedisOrMemoryCache.away_until = Broker.away_until = 0.0


@pytest.fixture(autouse=True)
def no_anchors() -> None:
    """Start each test without a checkpoint of what another sealed, as after a wiped database."""
    from django.core.files.storage import storages

    shutil.rmtree(storages["anchors"].location, ignore_errors=True)


@pytest.fixture(autouse=True)
def no_comment_leaves_the_house() -> Iterator[None]:
    """Search every mail that any test makes for the text of every comment that it makes."""
    from tests.overheard import leaks, listening

    with listening() as (comments, mails):
        yield
    assert not leaks(comments, mails), "The text of a comment stands in a mail."


@pytest.fixture(scope="session")
def live_server() -> Iterator[Any]:
    """Serve pages as pytest-django does, and static files as a deployment does."""
    from django.core.handlers.wsgi import WSGIHandler
    from pytest_django.live_server_helper import LiveServer

    server = LiveServer("localhost", start=False)
    server.thread.static_handler = lambda _handler: WSGIHandler()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def smtp(settings: Any) -> Iterator[Any]:
    """Run an SMTP server (tests/smtp.py) that all mail of the test goes through."""
    from tests.smtp import Server

    server = Server()
    server.start()
    settings.EMAIL_BACKEND = "contacts.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    settings.EMAIL_TIMEOUT = 30
    yield server
    server.stop()
