"""Limits on how often something may be asked for from one place."""

from django.core.cache import cache
from django.http import HttpRequest

from accounts.origin import client_address


def asks_too_often(request: HttpRequest, what: str, *, times: int, seconds: int) -> bool:
    """Tell whether a client address has asked for `what` more than `times` within `seconds`.

    Each call counts. The time begins with the first one and does not start again with others.
    """
    key = f"asked:{what}:{client_address(request) or 'local'}"
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key) > times
    except ValueError:  # the time was over just now
        return False
