"""Requests as granian takes them in: whole, in parts, without a length, too large, too slow."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import pytest
from django.conf import settings as configured
from django.http import HttpResponse

from config import receiving
from tests.config.asgi.asking import ask, begin, echo, status

MANY = 3_000_000  # bytes, in several parts


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
