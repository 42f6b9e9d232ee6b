"""Connections to a mail server: silent, encrypted, signed in, or none."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from django.test import Client

from config.run import free_port
from contacts.smtp import NotNow, Uncertain
from tests.builders import make_user
from tests.contacts.smtp.letters import letter
from tests.faults.smtp_server import certificate as make_certificate
from tests.smtp import Server


@contextlib.contextmanager
def listening(greeting: bytes) -> Iterator[int]:
    """Take connections on a port, with some first words, and say no more."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held: list[socket.socket] = []

        def take() -> None:
            with contextlib.suppress(OSError):
                while True:
                    held.append(listener.accept()[0])
                    held[-1].sendall(greeting)

        taker = threading.Thread(target=take, daemon=True)
        taker.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        taker.join(10)
        for each in held:
            each.close()


@pytest.mark.parametrize(
    ("greeting", "words"),
    [
        (b"", "did not answer within 0.2 seconds"),
        (b"220 mail.example\r\n", "did not answer within 0.2 seconds"),
        (b"554 No service for you\r\n", "No service for you (554)"),
        (b"421 Too busy\r\n", "Too busy (421)"),
        (b"HTTP/1.1 400 Bad Request\r\n", "broke off"),
        (b"220 " + b"x" * 10_000, "broke off"),
    ],
)
def test_a_server_that_does_not_greet_is_tried_later(
    settings: Any, smtp: Server, greeting: bytes, words: str
) -> None:
    settings.EMAIL_TIMEOUT = 0.2 if "0.2" in words else 30
    with listening(greeting) as settings.EMAIL_PORT, pytest.raises(NotNow) as failure:
        letter().send()
    assert words in str(failure.value)


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Make a certificate for localhost that this machine trusts."""
    file = tmp_path / "both.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    return make_certificate(file)


@contextlib.contextmanager
def running(settings: Any, **options: Any) -> Iterator[Server]:
    """Run a server with options of aiosmtpd, and send all mail there."""
    server = Server(**options)
    server.start()
    settings.EMAIL_PORT = server.port
    yield server
    server.stop()


@pytest.mark.parametrize(
    ("kind", "setting"), [("tls_context", "EMAIL_USE_TLS"), ("ssl_context", "EMAIL_USE_SSL")]
)
def test_a_connection_is_encrypted_where_email_url_says_so(
    settings: Any, smtp: Server, certificate: ssl.SSLContext, kind: str, setting: str
) -> None:
    setattr(settings, setting, True)
    with running(settings, **{kind: certificate}) as server:
        with pytest.raises(NotNow, match=r"No safe connection to 127\.0\.0\.1 is possible"):
            letter().send()  # the certificate is another's
        settings.EMAIL_HOST = "localhost"
        server.behave(drop=True)
        with pytest.raises(Uncertain):
            letter().send()
        assert letter().send() == 1
    assert len(server.received) == 2


def test_a_server_without_encryption_or_sign_in_is_told(settings: Any, smtp: Server) -> None:
    settings.EMAIL_USE_TLS = True
    with pytest.raises(NotNow, match="can’t be used as EMAIL_URL says: STARTTLS extension"):
        letter().send()
    settings.EMAIL_USE_TLS = False
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "us", "secret"
    with pytest.raises(NotNow, match="can’t be used as EMAIL_URL says: SMTP AUTH extension"):
        letter().send()


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_refused_sign_in_is_a_matter_of_the_settings(settings: Any, smtp: Server) -> None:
    def is_right(*args: Any) -> AuthResult:
        return AuthResult(success=args[-1].password == b"right", handled=False)

    settings.EMAIL_HOST_USER = "us"
    with running(
        settings, authenticator=is_right, auth_required=True, auth_require_tls=False
    ) as server:
        for password in ("wrong", "wröng"):
            settings.EMAIL_HOST_PASSWORD = password
            with pytest.raises(NotNow, match="EMAIL_URL"):
                letter().send()
        settings.EMAIL_HOST_PASSWORD = "right"
        assert letter().send() == 1
    assert len(server.received) == 1


def test_a_port_nobody_listens_on_is_named(settings: Any, smtp: Server) -> None:
    settings.EMAIL_PORT = free_port()
    with pytest.raises(NotNow, match=f"takes no mail at port {settings.EMAIL_PORT}"):
        letter().send()


@pytest.mark.django_db
def test_a_link_for_a_new_password_goes_the_same_way(client: Client, smtp: Server) -> None:
    ada = make_user(name="Ada")
    assert client.post("/accounts/password/reset/", {"email": ada.email}).status_code == 302
    assert [mail["to"] for mail in smtp.received] == [ada.email]
    smtp.stop()
    answer = client.post("/accounts/password/reset/", {"email": ada.email})
    assert answer.status_code == 503
