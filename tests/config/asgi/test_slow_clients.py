"""Clients that send or read slowly, or not at all, keep nobody else waiting."""

import io
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse

from config import asgi
from tests.config.asgi.asking import ask, begin, echo, status

MORE_THAN_THREADS = 12


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
