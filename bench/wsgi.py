"""Requests to a contender's pages, over WSGI and within the process: no socket, no server."""

import functools
import io
from collections.abc import Callable, Mapping
from http.cookies import SimpleCookie
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.middleware.csrf import _get_new_csrf_string
from django.test import Client
from django.test.utils import CaptureQueriesContext

Environment = Callable[[], dict[str, Any]]


class Answer(NamedTuple):
    """What a page answered."""

    status: int
    body: bytes


class Visitor:
    """Somebody signed in, with the cookies of a browser."""

    def __init__(self, user: Any) -> None:
        client = Client()
        client.force_login(user)
        cookies = SimpleCookie(client.cookies)
        self._token = cookies[settings.CSRF_COOKIE_NAME] = _get_new_csrf_string()
        self._cookies = "; ".join(f"{name}={each.value}" for name, each in cookies.items())

    def ask(
        self, address: str, data: Mapping[str, str] | None = None, *, htmx: bool = False
    ) -> Answer:
        """GET an address, or POST the data to it, and read the answer to its end.

        Raises RuntimeError where the page refuses.
        """
        path, _, query = address.partition("?")
        body = urlencode(data or {}).encode()
        environment = {
            "REQUEST_METHOD": "GET" if data is None else "POST",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": self._cookies,
            "HTTP_X_CSRFTOKEN": self._token,
            "HTTP_USER_AGENT": "Mozilla/5.0",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.version": (1, 0),
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if htmx:
            environment["HTTP_HX_REQUEST"] = "true"
        status = []
        answer = _application()(environment, lambda line, _headers: status.append(int(line[:3])))
        try:
            read = b"".join(answer)
        finally:
            answer.close()
        if status[0] >= 400:
            raise RuntimeError(f"{address} answered {status[0]}")
        return Answer(status[0], read)

    def queries(self, address: str, **asked: Any) -> int:
        """Return how many statements a page sends to the database."""
        with CaptureQueriesContext(connection) as captured:
            self.ask(address, **asked)
        return len(captured)


@functools.cache
def _application() -> Any:
    return get_wsgi_application()
