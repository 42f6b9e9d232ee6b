"""Where a request came from."""

import ipaddress
from functools import cache

from django.conf import settings
from django.http import HttpRequest


@cache
def _networks(names: tuple[str, ...]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(name) for name in names)


def client_address(request: HttpRequest) -> str | None:
    """Return the address of the person who asks; None over a unix socket without a proxy's word.

    That is the right-most hop of X-Forwarded-For that is not one of TRUSTED_PROXIES, believed only
    when the connection itself comes from such a proxy.
    """
    trusted = _networks(tuple(settings.TRUSTED_PROXIES))
    hops = [request.META.get("REMOTE_ADDR", "")]
    hops += reversed(request.headers.get("X-Forwarded-For", "").split(","))
    address = None
    for hop in hops:
        try:
            parsed = ipaddress.ip_address(hop.strip())
        except ValueError:
            break
        address = str(parsed)
        if not any(parsed in network for network in trusted):
            break
    return address
