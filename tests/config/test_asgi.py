"""The web process as granian runs it: pages as under WSGI, and an end that nothing holds up."""

import http.client
import os
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from config import asgi
from tests.live import Served

MANY = 3_000_000  # bytes, in several parts


@pytest.fixture
def answer_with(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., Any]], Served]:
    """Return a function that serves a WSGI application in place of the pages."""
    served = Served()

    def answer_with(application: Callable[..., Any]) -> Served:
        monkeypatch.setattr(asgi, "wsgi", application)
        served.start()
        return served

    yield answer_with
    served.stop()


def ask(served: Served, method: str, path: str, **asked: Any) -> tuple[int, bytes]:
    """Return the answer's status and body."""
    connection = http.client.HTTPConnection("localhost", served.port, timeout=20)
    connection.request(method, path, **asked)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def test_a_request_reaches_the_page_as_it_was_made(answer_with: Any) -> None:
    seen: dict[str, Any] = {}

    def page(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.update(environ)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [environ["wsgi.input"].read()]

    served = answer_with(page)
    headers = {
        "Cookie": "a=1",
        "X-Forwarded-For": "192.0.2.1",
        "X_Forwarded_For": "203.0.113.1",
        "Content-Type": "text/plain",
    }
    path = "/caf%C3%A9/x%20y?q=%C3%A9&q=2"
    assert ask(served, "POST", path, body=b"typed", headers=headers) == (200, b"typed")
    assert seen["PATH_INFO"].encode("latin-1").decode() == "/café/x y"
    assert seen["QUERY_STRING"] == "q=%C3%A9&q=2"
    assert seen["REQUEST_METHOD"] == "POST"
    assert seen["CONTENT_TYPE"] == "text/plain"
    assert seen["CONTENT_LENGTH"] == "5"
    assert seen["HTTP_COOKIE"] == "a=1"
    assert seen["HTTP_HOST"] == f"localhost:{served.port}"
    assert seen["REMOTE_ADDR"] == "127.0.0.1"
    assert seen["HTTP_X_FORWARDED_FOR"] == "192.0.2.1"


def test_large_bodies_come_and_go_in_parts(answer_with: Any) -> None:
    closed = []

    def parts(body: Any) -> Iterator[bytes]:
        try:
            while part := body.read(10_000):
                yield part
        finally:
            closed.append(True)

    def page(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "application/octet-stream")])
        return parts(environ["wsgi.input"])

    body = os.urandom(MANY)
    assert ask(answer_with(page), "POST", "/x", body=body) == (200, body)
    assert closed == [True]


def test_an_answer_waits_for_whoever_reads_slowly(answer_with: Any) -> None:
    made = []

    def parts() -> Iterator[bytes]:
        for number in range(200):
            made.append(number)
            yield bytes(1_000_000)

    def page(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        return parts()

    served = answer_with(page)
    with socket.create_connection(("127.0.0.1", served.port)) as reader:
        reader.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        reader.recv(1000)
        known = -1
        while known != len(made):  # until it makes no more
            known = len(made)
            time.sleep(0.3)
        assert known < 100


def test_a_page_that_fails_is_500_and_the_next_one_is_not(answer_with: Any) -> None:
    def page(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/broken":
            raise ValueError("Broken.")
        start_response("204 No Content", [])
        return []

    served = answer_with(page)
    assert ask(served, "GET", "/broken")[0] == 500
    assert ask(served, "GET", "/whole") == (204, b"")
