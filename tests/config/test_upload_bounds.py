"""How much anybody may send: bounded by the server before a page begins, and again by each form."""

import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.test import Client

from config.receiving import Receiver, largest
from tests.builders import make_contact, make_user
from tests.contacts.portal_people import make_portal
from tests.live import Served

MB = 1024 * 1024
SECONDS = 20


def scope_of(user: Any) -> dict[str, Any]:
    """Return what a server says of a request by a user who is signed in."""
    client = Client()
    if user.is_authenticated:
        client.force_login(user)
    cookies = "; ".join(f"{name}={each.value}" for name, each in client.cookies.items())
    return {"headers": [(b"cookie", cookies.encode())]}


def small() -> int:
    """Return how many bytes anybody may send."""
    return Receiver(None).small  # type: ignore[arg-type]


@pytest.mark.django_db(transaction=True)
def test_who_is_signed_out_sends_a_form_and_no_file() -> None:
    assert largest(scope_of(AnonymousUser()), small()) == small() == 3 * MB
    invented = {"headers": [(b"cookie", b"sessionid=0123456789abcdef0123456789abcdef")]}
    assert largest(invented, small()) == small()


@pytest.mark.django_db(transaction=True)
def test_who_has_a_portal_sends_what_a_message_holds() -> None:
    most = largest(scope_of(make_portal(make_contact())), small())
    assert settings.MESSAGE_MAX_BYTES < most < settings.IMPORT_MAX_BYTES / 4


@pytest.mark.django_db(transaction=True)
def test_the_team_sends_what_an_import_holds() -> None:
    most = largest(scope_of(make_user("member")), small())
    assert settings.IMPORT_MAX_BYTES < most < 3 * settings.IMPORT_MAX_BYTES
    away = make_user("member", name="Ben")
    scope = scope_of(away)
    away.is_active = False
    away.save()
    assert largest(scope, small()) == small()


@pytest.fixture
def served(transactional_db: None, settings: Any) -> Iterator[Served]:
    """Run Annals as a deployment does."""
    settings.ALLOWED_HOSTS = ["localhost"]
    served = Served()
    served.start()
    yield served
    served.stop()


def say(served: Served, *parts: bytes) -> bytes:
    """Send bytes over a connection, as far as they are taken; return the head of the answer."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=SECONDS) as connection:
        try:
            for part in parts:
                connection.sendall(part)
        except OSError:
            pass  # the server has answered, and takes no more
        try:
            return connection.recv(65536)
        except OSError:
            return b""


def status(answer: bytes) -> int:
    """Return the status of an answer; 0 where the connection was closed without one."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def head(path: str, length: str = "", method: str = "POST", more: str = "") -> bytes:
    """Return the head of a request for a page."""
    kind = "Content-Type: application/x-www-form-urlencoded\r\n"
    text = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{kind if length else ''}{length}{more}"
    return text.encode() + b"\r\n"


PUBLIC_FORMS = (
    *("/accounts/login/", "/accounts/password/reset/", "/accounts/signup/", "/csp-report"),
    *("/i/none/", "/s/none/opened", "/u/none/", "/contacts/import", "/healthz", "/nowhere"),
)


def test_nobody_who_is_signed_out_has_a_large_body_taken_in(served: Served) -> None:
    body = b"a=" + b"x" * (4 * MB)
    for path in PUBLIC_FORMS:
        answer = say(served, head(path, f"Content-Length: {len(body)}\r\n"), body)
        assert status(answer) == 413, path
        assert b"content-security-policy: " in answer
        assert b"cross-origin-resource-policy: same-origin" in answer
    chunk = b"%x\r\n%b\r\n" % (MB, b"x" * MB)
    answer = say(served, head("/accounts/login/", "Transfer-Encoding: chunked\r\n"), *[chunk] * 6)
    assert status(answer) in {0, 413}
    began = time.monotonic()
    huge = head("/accounts/login/", "Content-Length: 99999999999999\r\n")
    with socket.create_connection(("127.0.0.1", served.port), timeout=SECONDS) as connection:
        connection.sendall(huge)
        connection.shutdown(socket.SHUT_WR)
        assert status(connection.recv(65536)) in {0, 413}
    assert time.monotonic() - began < 8


def test_long_addresses_and_headers_are_no_failure(served: Served) -> None:
    long = "x" * 200_000
    many = "".join(f"X-Some-{n}: 1\r\n" for n in range(90))
    asked = {
        "path": head(f"/{long}", method="GET"),
        "query": head(f"/accounts/login/?q={long}", method="GET"),
        "fields": head("/accounts/login/?" + "&a=1" * 3000, method="GET"),
        "header": head("/accounts/login/", method="GET", more=f"X-Some: {long}\r\n"),
        "headers": head("/accounts/login/", method="GET", more=many),
        "cookie": head("/accounts/login/", method="GET", more=f"Cookie: {'a=1; ' * 9000}\r\n"),
        "hops": head(
            "/accounts/login/", method="GET", more=f"X-Forwarded-For: {'1.2.3.4,' * 9000}\r\n"
        ),
        "too much": head("/accounts/login/", method="GET", more=f"X-Some: {long * 4}\r\n"),
    }
    for kind, sent in asked.items():
        began = time.process_time()
        found = status(say(served, sent))
        assert found < 500, kind
        assert time.process_time() - began < 1, kind
    assert status(say(served, head("/healthz", method="GET"))) == 200


def test_an_absolute_form_of_the_request_line_names_no_other_host(served: Served) -> None:
    line = b"GET http://evil.example/accounts/password/reset/ HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert b"evil.example" not in say(served, line)
    line = b"GET http://localhost/accounts/login/ HTTP/1.1\r\nHost: evil.example\r\n\r\n"
    assert status(say(served, line)) == 400
    two = b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"
    assert status(say(served, two)) == 400
    none = b"GET /accounts/login/ HTTP/1.0\r\n\r\n"
    assert status(say(served, none)) in {0, 400, 200}


@pytest.mark.django_db
def test_a_form_has_no_thousands_of_fields_and_no_hundreds_of_files(client: Client) -> None:
    many = "&".join(f"f{n}=1" for n in range(1500))
    kind = "application/x-www-form-urlencoded"
    assert client.post("/accounts/login/", many, content_type=kind).status_code == 400
    part = (
        '--x\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n'
        "Content-Type: text/plain\r\n\r\na\r\n"
    )
    kind = "multipart/form-data; boundary=x"
    answer = client.post("/accounts/login/", part * 150 + "--x--\r\n", content_type=kind)
    assert answer.status_code == 400
