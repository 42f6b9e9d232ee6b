"""The web process as granian runs it: pages as under WSGI, and an end that nothing holds up."""

import http.client
import io
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.files.base import ContentFile
from django.db import OperationalError
from django.http import FileResponse, HttpResponse, StreamingHttpResponse

from config import answering, asgi, receiving
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


def begin(served: Served, head: str, body: bytes = b"") -> socket.socket:
    """Return a connection on which a request has begun; `head` lacks only what ends it."""
    client = socket.create_connection(("127.0.0.1", served.port))
    client.settimeout(20)
    client.sendall(f"{head}\r\nHost: localhost\r\n\r\n".encode() + body)
    return client


def status(client: socket.socket) -> int:
    return int(client.recv(100).split()[1])


def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return HttpResponse(environ["wsgi.input"].read())


MORE_THAN_THREADS = 12


def test_clients_that_send_slowly_keep_nobody_waiting(answer_with: Any) -> None:
    served = answer_with(echo)
    slow = [
        begin(served, "POST / HTTP/1.1\r\nContent-Length: 10", b"half ")
        for _ in range(MORE_THAN_THREADS)
    ]
    assert ask(served, "POST", "/", body=b"typed") == (200, b"typed")
    for client in slow:
        client.sendall(b"whole")
        assert b"half whole" in client.recv(1000)
        client.close()


def test_clients_that_read_slowly_keep_nobody_waiting(answer_with: Any) -> None:
    """Neither of an answer that is made in parts, nor of a file."""
    made = threading.Semaphore(0)

    def parts() -> Iterator[bytes]:
        yield from (bytes(1_000_000) for _ in range(20))
        made.release()

    def page(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [])
        if environ["PATH_INFO"] == "/made":
            return StreamingHttpResponse(parts())
        if environ["PATH_INFO"] == "/file":
            return environ["wsgi.file_wrapper"](io.BytesIO(bytes(20_000_000)), 4096)
        return HttpResponse(b"typed")

    served = answer_with(page)
    slow = [begin(served, f"GET /{kind} HTTP/1.1") for kind in ("made", "file") * 6]
    for client in slow:
        assert status(client) == 200
    for _ in range(6):
        assert made.acquire(timeout=20)  # though nobody has read it yet
    assert ask(served, "GET", "/") == (200, b"typed")
    for client in slow:
        client.close()


def test_a_file_is_sent_whole_and_closed(answer_with: Any) -> None:
    content = os.urandom(MANY)
    closed = threading.Event()

    def page(environ: dict[str, Any], start_response: Any) -> Any:
        response = FileResponse(ContentFile(content).open())
        response.file_to_stream.close = closed.set
        start_response("200 OK", [("Content-Length", str(len(content)))])
        return environ["wsgi.file_wrapper"](response.file_to_stream, response.block_size)

    assert ask(answer_with(page), "GET", "/") == (200, content)
    assert closed.wait(5)


def test_a_body_without_a_length_is_taken_in(answer_with: Any) -> None:
    lengths = []

    def page(environ: dict[str, Any], start_response: Any) -> Any:
        lengths.append(environ["CONTENT_LENGTH"])
        return echo(environ, start_response)

    body = iter([b"one ", b"two"])
    assert ask(answer_with(page), "POST", "/", body=body, encode_chunked=True) == (200, b"one two")
    assert lengths == ["7"]


def test_what_comes_too_slowly_is_408(answer_with: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "SILENCE", 0.3)
    refused = []

    def page(environ: dict[str, Any], start_response: Any) -> Any:
        refused.append(environ["annals.refused"])
        start_response(f"{environ['annals.refused']:d}", [])
        return HttpResponse(b"")

    served = answer_with(page)
    silent = begin(served, "POST / HTTP/1.1\r\nContent-Length: 10", b"half ")
    assert status(silent) == 408
    dripping = begin(served, "POST / HTTP/1.1\r\nContent-Length: 100")
    with suppress(OSError):
        for _ in range(20):
            dripping.sendall(b".")
            time.sleep(0.05)
    assert status(dripping) == 408
    assert refused == [408, 408]


@pytest.mark.django_db(transaction=True)
def test_who_is_not_signed_in_sends_no_large_file(
    answer_with: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.builders import make_user

    def page(environ: dict[str, Any], start_response: Any) -> Any:
        start_response(f"{environ['annals.refused'] or 200:d}", [])
        return HttpResponse(str(len(environ["wsgi.input"].read())))

    served, body = answer_with(page), bytes(5_000_000)
    assert ask(served, "POST", "/", body=body) == (413, b"0")
    assert ask(served, "POST", "/", body=iter([body]), encode_chunked=True) == (413, b"0")
    client.force_login(make_user())
    name = configured.SESSION_COOKIE_NAME
    headers = {"Cookie": f"{name}={client.cookies[name].value}"}
    assert ask(served, "POST", "/", body=body, headers=headers) == (200, b"5000000")
    monkeypatch.setattr(receiving, "DRAIN", 0.1)
    headers["Content-Length"] = str(10**12)
    assert ask(served, "POST", "/", body=b"begun", headers=headers)[0] == 413
    assert receiving.largest({"headers": []}, 7) == 7


@pytest.mark.parametrize(("code", "words"), [(408, "slowly"), (413, "too large"), (507, "disk")])
def test_what_was_not_taken_in_is_answered_with_a_sentence(client: Any, code, words) -> None:
    answer = client.post("/contacts/", **{"annals.refused": HTTPStatus(code)})
    assert answer.status_code == code
    assert re.search(words, answer.content.decode())
    answer = client.post(
        "/", headers={"HX-Request": "true"}, **{"annals.refused": HTTPStatus(code)}
    )
    assert answer.status_code == code
    assert code > 500 or "Nothing was saved" in answer.headers["HX-Trigger"]


def test_an_answer_that_fails_before_its_first_part_says_why(answer_with: Any) -> None:
    def parts(error: Exception) -> Iterator[bytes]:
        raise error
        yield b""

    def page(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [])
        error = OperationalError("gone") if environ["PATH_INFO"] == "/away" else ValueError()
        return StreamingHttpResponse(parts(error))

    served = answer_with(page)
    away, text = ask(served, "GET", "/away")
    assert (away, b"try again in a minute" in text) == (503, True)
    assert ask(served, "GET", "/broken")[0] == 500


def test_an_answer_that_breaks_off_looks_so(answer_with: Any) -> None:
    def parts() -> Iterator[bytes]:
        yield bytes(answering.AT_ONCE)
        yield bytes(answering.AT_ONCE)
        raise ValueError("Broken.")

    def page(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [])
        return StreamingHttpResponse(parts())

    with pytest.raises(http.client.IncompleteRead):
        ask(answer_with(page), "GET", "/")


def test_who_reads_nothing_is_let_go(answer_with: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "SEND_SECONDS", 0.3)
    ended = threading.Event()

    def parts() -> Iterator[bytes]:
        try:
            while True:
                yield bytes(1_000_000)
        finally:
            ended.set()

    def page(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [])
        return StreamingHttpResponse(parts())

    with begin(answer_with(page), "GET / HTTP/1.1"):
        assert ended.wait(20)


def test_files_of_all_requests_together_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    receiver = receiving.Receiver(None)
    first = receiving.Spooled(receiver)
    first.grow(receiving.AT_ONCE * configured.IMPORT_MAX_BYTES)
    second = receiving.Spooled(receiver)
    with pytest.raises(receiving.Refused) as refused:
        second.grow(configured.IMPORT_MAX_BYTES)
    assert refused.value.status == 503
    first.close()
    second.grow(configured.IMPORT_MAX_BYTES)
    second.close()
