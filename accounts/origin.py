"""Where a request came from."""

import ipaddress
import re
from functools import cache, lru_cache

from django.conf import settings
from django.http import HttpRequest

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# The most hops that are looked at: a proxy adds one, and anybody can send a header with thousands.
HOPS = 32
# "[2001:db8::1]:443" and "192.0.2.1:443", as some proxies write a hop.
WITH_PORT = re.compile(r"\[([^\]]+)\](?::\d+)?|([\d.]+):\d+", re.ASCII)


@cache
def _networks(names: tuple[str, ...]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(name) for name in names)


@lru_cache(maxsize=1000)
def _parsed(hop: str) -> Address | None:
    """Return the address that a hop names, without port and zone; None where it names none."""
    hop = hop.strip()
    if found := WITH_PORT.fullmatch(hop):
        hop = found[1] or found[2]
    try:
        address = ipaddress.ip_address(hop.partition("%")[0])
    except ValueError:
        return None
    # "::ffff:192.0.2.1" is how a server that listens to both kinds sees an IPv4 address.
    return getattr(address, "ipv4_mapped", None) or address


def _is_trusted(address: Address) -> bool:
    return any(address in network for network in _networks(tuple(settings.TRUSTED_PROXIES)))


def is_from_proxy(request: HttpRequest) -> bool:
    """Tell whether the connection itself comes from one of TRUSTED_PROXIES."""
    if not settings.TRUSTED_PROXIES:
        return False
    address = _parsed(request.META.get("REMOTE_ADDR", ""))
    return address is not None and _is_trusted(address)


def is_from_this_machine(request: HttpRequest) -> bool:
    """Tell whether the connection comes from the machine that Annals runs on."""
    address = _parsed(request.META.get("REMOTE_ADDR", ""))
    return address is not None and address.is_loopback


def client_address(request: HttpRequest) -> str | None:
    """Return the address of the person who asks; None over a unix socket.

    That is the right-most hop of X-Forwarded-For that is not one of TRUSTED_PROXIES, believed only
    when the connection itself comes from such a proxy. What is no address ends the search.
    """
    hops = [request.META.get("REMOTE_ADDR", "")]
    hops += reversed(request.headers.get("X-Forwarded-For", "").rsplit(",", HOPS)[-HOPS:])
    found = None
    for hop in hops:
        address = _parsed(hop)
        if address is None:
            break
        found = str(address)
        if not _is_trusted(address):
            break
    return found
