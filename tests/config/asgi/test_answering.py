"""Answers as granian sends them: files, parts, and what fails on the way."""

import http.client
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import OperationalError
from django.http import FileResponse, StreamingHttpResponse

from config import answering
from tests.config.asgi.asking import ask

MANY = 3_000_000  # bytes, in several parts


def test_a_file_is_sent_whole_and_closed(answer_with: Any) -> None:
    content = os.urandom(MANY)
    closed = threading.Event()

    def page(environ: dict[str, Any], start_response: Any) -> Any:
        response = FileResponse(ContentFile(content).open())
        response.file_to_stream.close = closed.set
        start_response("200 OK", [("Content-Length", str(len(content)))])
        return environ["wsgi.file_wrapper"](response.file_to_stream, response.block_size)

    assert ask(answer_with(page), "GET", "/") == (200, content)
    assert closed.wait(20)


def test_a_page_that_fails_is_500_and_the_next_one_is_not(answer_with: Any) -> None:
    def page(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/broken":
            raise ValueError("Broken.")
        start_response("204 No Content", [])
        return []

    served = answer_with(page)
    assert ask(served, "GET", "/broken")[0] == 500
    assert ask(served, "GET", "/whole") == (204, b"")


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
