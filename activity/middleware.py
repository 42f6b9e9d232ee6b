"""Opens the context of a request: see activity.context."""

import ipaddress
from collections.abc import Callable
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

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
        enter(
            actor=user if user.is_authenticated else None,
            channel="admin" if match.app_name == "admin" else "web",
            route=match.view_name or "",
            address=client_address(request),
            user_agent=request.headers.get("User-Agent", "")[:400],
        )


@cache
def _trusted() -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(network) for network in settings.TRUSTED_PROXIES)


def client_address(request: HttpRequest) -> str | None:
    """Return where the request came from.

    That is the right-most hop of X-Forwarded-For that is not one of TRUSTED_PROXIES, believed only
    when the connection itself comes from such a proxy; None over a unix socket.
    """
    hops = [request.META.get("REMOTE_ADDR", "")]
    hops += reversed(request.headers.get("X-Forwarded-For", "").split(","))
    address = None
    for hop in hops:
        try:
            parsed = ipaddress.ip_address(hop.strip())
        except ValueError:
            break
        address = str(parsed)
        if not any(parsed in network for network in _trusted()):
            break
    return address
