"""The headers of every answer: of pages, errors, files and streams alike."""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# Of what is no page, and needs nothing from anywhere.
NOTHING = "default-src 'none'; frame-ancestors 'none'"


class HeadersMiddleware:
    """Adds ANSWER_HEADERS to every answer that does not say otherwise itself.

    The first of all, so that errors in those below it carry them as well. What depends on who is
    signed in stays in no cache: somebody else may sit at that machine next.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._headers = tuple(settings.ANSWER_HEADERS.items())

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with those headers."""
        response = self.get_response(request)
        for name, value in self._headers:
            response.headers.setdefault(name, value)
        if "Cookie" in response.headers.get("Vary", ""):
            response.headers.setdefault("Cache-Control", "private, no-store")
        if _has_signed_out(request):
            response.headers["Clear-Site-Data"] = '"storage"'
        return response


def _has_signed_out(request: HttpRequest) -> bool:
    """Tell whether somebody left by pressing Sign out; drafts outlast a session that ended."""
    here = request.resolver_match
    return bool(here) and here.view_name == "account_logout" and request.method == "POST"


def with_headers(send: Callable[[Any], Awaitable[None]]) -> Callable[[Any], Awaitable[None]]:
    """Return `send` of ASGI, which adds them to what is answered without Django."""

    async def send_with_headers(message: Any) -> None:
        if message["type"] == "http.response.start":
            named = {name.lower() for name, _value in message["headers"]}
            added = [header for header in _raw_headers() if header[0] not in named]
            message = {**message, "headers": [*message["headers"], *added]}
        await send(message)

    return send_with_headers


@cache
def _raw_headers() -> list[tuple[bytes, bytes]]:
    wanted = {"Content-Security-Policy": NOTHING, **settings.ANSWER_HEADERS}
    if settings.SECURE_HSTS_SECONDS:
        # What a browser is told over http, it leaves alone.
        wanted["Strict-Transport-Security"] = (
            f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains; preload"
        )
    return [(name.lower().encode(), value.encode()) for name, value in wanted.items()]
