"""For whom Annals answers, and whom it believes: hosts, proxies, and what they claim."""

import logging
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from environ import Env

from config.hosts import host_settings
from tests.builders import make_user
from tests.config.test_headers import over_https

EVIL = "evil.example"


@pytest.fixture
def https(settings: Any) -> None:
    """Serve https://testserver behind a proxy on this machine."""
    for name, value in over_https().items():
        setattr(settings, name, value)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "host",
    [
        EVIL,
        f"localhost@{EVIL}",
        f"{EVIL}@localhost",
        f"user:word@{EVIL}",
        "localhost:80@",
        f"localhost:{EVIL}",
        "localhost:80x",
        f"localhost.{EVIL}",
        f"{EVIL}#localhost",
        f"{EVIL}/localhost",
        f"localhost, {EVIL}",
        "localhost localhost",
        "[::1]@x",
        "[::1",
        "127.0.0.1.x",
        "2130706433",
        "",
        "*",
        "lоcalhost",  # noqa: RUF001  a Cyrillic o
        "l" * 5000,
    ],
)
def test_other_hosts_and_odd_ones_are_refused(client: Client, settings: Any, host: str) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "annals.example"]
    for path in ("/accounts/login/", "/", "/nowhere"):
        answer = client.get(path, headers={"host": host.encode().decode("latin-1")})
        assert answer.status_code == 400
        assert EVIL not in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["annals.example", "ANNALS.example:8000", "annals.example."])
def test_its_own_host_is_answered_with_any_port(client: Client, settings: Any, host: str) -> None:
    settings.ALLOWED_HOSTS = ["annals.example"]
    assert client.get("/accounts/login/", headers={"host": host}).status_code == 200


@pytest.mark.django_db
def test_links_in_mails_lead_to_the_site_whatever_host_was_asked(
    client: Client, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_URL = "https://annals.example"
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    ada = make_user(name="Ada")
    headers = {"host": EVIL, "x-forwarded-host": EVIL, "forwarded": f"host={EVIL}"}
    client.post("/accounts/password/reset/", {"email": ada.email}, headers=headers)
    [sent] = mail.outbox
    assert "https://annals.example/accounts/password/reset/key/" in sent.body
    assert EVIL not in str(sent.message())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("peer", "said", "status"),
    [
        ("127.0.0.1", "https", 200),
        ("127.0.0.1", "http, https", 200),
        ("::ffff:127.0.0.1", "https", 200),
        ("127.0.0.1", "https, http", 301),  # the left one is anybody's claim
        ("127.0.0.1", "HTTPS evil", 301),
        ("203.0.113.9", "https", 301),
        ("", "https", 301),
        ("nonsense", "https", 301),
    ],
)
def test_only_a_trusted_proxy_says_that_a_request_came_over_https(
    client: Client, https: None, peer: str, said: str, status: int
) -> None:
    headers = {"x-forwarded-proto": said}
    answer = client.get("/accounts/login/", headers=headers, REMOTE_ADDR=peer)
    assert answer.status_code == status


@pytest.mark.django_db
@pytest.mark.parametrize(("peer", "status"), [("127.0.0.1", 200), ("::1", 200), ("10.0.0.1", 301)])
def test_a_proxy_on_this_machine_says_so_without_being_named(
    client: Client, https: None, settings: Any, peer: str, status: int
) -> None:
    settings.TRUSTED_PROXIES = []
    headers = {"x-forwarded-proto": "https"}
    answer = client.get("/accounts/login/", headers=headers, REMOTE_ADDR=peer)
    assert answer.status_code == status


@pytest.mark.django_db
def test_nobody_says_which_host_was_meant(client: Client, https: None) -> None:
    headers = {"x-forwarded-host": EVIL, "x-forwarded-port": "1", "forwarded": f"host={EVIL}"}
    answer = client.get("/accounts/login/", headers=headers)
    assert answer.url == "https://testserver/accounts/login/"


@pytest.mark.django_db
def test_a_proxy_that_is_not_trusted_is_told_of_once(https: None, caplog: Any) -> None:
    client = Client()  # of middleware that has not warned yet
    with caplog.at_level(logging.WARNING, "config.proxies"):
        for _ in range(3):
            headers = {"x-forwarded-proto": "https"}
            client.get("/accounts/login/", headers=headers, REMOTE_ADDR="203.0.113.9")
    [record] = [each for each in caplog.records if each.name == "config.proxies"]
    assert "TRUSTED_PROXIES" in record.getMessage()
    assert "203.0.113" not in record.getMessage()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SITE_URL", "annals.example.com", "it must be http:// or https://"),
        ("SITE_URL", "ftp://annals.example.com", "it must be"),
        ("SITE_URL", "https://user@annals.example.com", "it must be"),
        ("SITE_URL", "https://annals.example.com/app", "nothing before or after it"),
        ("TRUSTED_PROXIES", "10.0.0.1/8", "which is no network"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,caddy", "“caddy”"),
    ],
)
def test_an_address_that_makes_no_sense_is_said_at_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=said):
        host_settings(Env(), 8000)


def test_a_deployment_answers_for_its_own_host_and_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SITE_URL", "https://annals.example.com:8443/")
    found = host_settings(Env(), 8000)
    assert found["SITE_URL"] == "https://annals.example.com:8443"
    assert found["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]", "annals.example.com"]
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://annals.example.com:8443"]
