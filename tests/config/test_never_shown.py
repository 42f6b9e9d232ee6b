"""What no log line, error page or answer shows: keys, passwords of servers, cookies, tokens."""

import io
import logging
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as given
from django.test import Client

from config.log_lines import Formatter, JsonFormatter
from tests.builders import make_user

SECRETS = {
    "database": "s3cret-of-the-database",
    "redis": "s3cret-of-redis",
    "mail": "s3cret-of-mail",
    "sentry": "s3cret-of-sentry",
    "posted": "s3cret-that-was-typed",
    "token": "s3cret-of-a-link",
}


@pytest.fixture
def crash(client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that has a page crash; the page it answers, what it logged, the cookie."""
    monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", SECRETS["database"])
    settings.EMAIL_HOST_PASSWORD = SECRETS["mail"]
    settings.CELERY_BROKER_URL = f"redis://:{SECRETS['redis']}@redis/0"
    settings.SENTRY_DSN = f"https://{SECRETS['sentry']}@sentry.example/1"

    def broken(*args: Any, **kwargs: Any) -> None:
        password = SECRETS["posted"]
        raise ValueError(f"It broke at {given.SECRET_KEY[:0]}here: {password!r}")

    monkeypatch.setattr("activity.views.overview.render", broken)
    client.raise_request_exception = False
    client.force_login(make_user())

    def crash() -> tuple[str, str, str]:
        written = io.StringIO()
        handlers = []
        for formatter in (Formatter, JsonFormatter):
            handler = logging.StreamHandler(written)
            handler.setFormatter(formatter())
            logging.getLogger().addHandler(handler)
            handlers.append(handler)
        answer = client.get("/", {"token": SECRETS["token"]})
        for handler in handlers:
            logging.getLogger().removeHandler(handler)
        assert answer.status_code == 500
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        return answer.content.decode(), written.getvalue(), cookie

    return crash


@pytest.mark.django_db
def test_a_crash_shows_and_logs_no_secret(crash: Any) -> None:
    page, logged, cookie = crash()
    assert "here" in logged  # it is this crash
    for secret in (*SECRETS.values(), given.SECRET_KEY, cookie):
        assert secret not in page
        assert secret not in logged


@pytest.mark.django_db
def test_not_even_with_debug(crash: Any, settings: Any) -> None:
    settings.DEBUG = True
    page, logged, cookie = crash()
    assert "ValueError" in page  # it is Django's page about it
    hidden = {name: text for name, text in SECRETS.items() if name not in {"posted", "token"}}
    for secret in (*hidden.values(), given.SECRET_KEY, cookie):
        assert secret not in page
        assert secret not in logged


@pytest.mark.django_db
def test_debug_shows_no_password_that_was_typed(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEBUG = True
    client.raise_request_exception = False

    def broken(*args: Any, **kwargs: Any) -> None:
        raise ValueError("It broke.")

    monkeypatch.setattr("accounts.forms.SignInForm.clean", broken)
    typed = {"login": "ada@annals.example", "password": SECRETS["posted"]}
    answer = client.post("/accounts/login/", typed)
    assert answer.status_code == 500
    assert "It broke." in answer.content.decode()
    assert SECRETS["posted"] not in answer.content.decode()


AWAY = {
    "DATABASE_URL": f"postgres://annals:{SECRETS['database']}@127.0.0.1:1/annals",
    "REDIS_URL": f"redis://:{SECRETS['redis']}@127.0.0.1:1/0",
    "EMAIL_URL": f"smtp://annals:{SECRETS['mail']}@127.0.0.1:1",
    "SECRET_KEY": "Wq8Zb-k3Yof-" * 5,
    "DJANGO_SETTINGS_MODULE": "config.settings",
}
# Asks a page, the health of all parts, and the outbox; none can be reached.
ASK = """
import logging
logging.getLogger().setLevel("DEBUG")
import django
django.setup()
from django.test import Client
client = Client(raise_request_exception=False)
client.cookies["sessionid"] = "c" * 32
for path in ("/readyz", "/", "/healthz"):
    answer = client.get(path)
    print(answer.status_code, answer.content.decode())
from django.core import mail
try:
    mail.send_mail("x", "y", None, ["z@example.com"])
except OSError as error:
    logging.getLogger("contacts").exception("No mail: %s", error)
from config.celery import app
try:
    app.connection().ensure_connection(max_retries=1, timeout=1)
except Exception as error:
    logging.getLogger("contacts").exception("No broker: %s", error)
"""


@pytest.mark.parametrize(
    "arguments",
    [("-c", ASK), ("manage.py", "showmigrations")],
    ids=["pages", "command"],
)
def test_servers_that_are_away_are_told_of_without_their_passwords(
    run: Any, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = run(tmp_path, *arguments, **AWAY, LOG_FORMAT="json")
    said = done.stdout + done.stderr
    assert said
    for secret in (*SECRETS.values(), AWAY["SECRET_KEY"], "c" * 32):
        assert secret not in said
