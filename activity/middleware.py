"""Opens the context of a request: see activity.context."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts.origin import client_address
from activity.context import enter, keeping


class ActivityContextMiddleware:
    """Notes who asks, for which page and from where, for the events that the request writes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and leave the context as it was before."""
        with keeping():
            return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: Any) -> None:
        """Open the context now that it is known which page was asked for."""
        match = request.resolver_match
        user = request.user
        request.activity = enter(
            id=request.request_id,
            actor=user if user.is_authenticated else None,
            channel="admin" if match.app_name == "admin" else "web",
            route=match.view_name or "",
            address=client_address(request),
            user_agent=request.headers.get("User-Agent", "")[:400],
        )
