"""Limits on how often something may be asked for, from one place or by one person.

They are counted in the cache, over stretches of the clock: a minute, an hour. Without Redis each
process counts in its memory (config/cache.py), so that nobody is locked out, or let loose, by that.
"""

import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_htmx.http import reswap, trigger_client_event

from accounts import leading, unsent
from accounts.origin import client_address

MINUTE, HOUR = 60, 3600  # seconds
NETWORK = 64  # bits of an IPv6 address that belong to one customer
RESET = 600  # seconds over which allauth counts requests for new passwords of one account


@dataclass(frozen=True)
class Limit:
    """How often one person may do something: as often as `setting` says within `seconds`.

    `text` says that it is enough, with %(times)s.
    """

    setting: str
    seconds: int
    text: str | Promise

    @property
    def times(self) -> int:
        """Return how often; 0 = as often as one likes."""
        return getattr(settings, self.setting)


MESSAGES = Limit(
    "MESSAGES_PER_HOUR",
    HOUR,
    _("One person may send %(times)s messages within an hour. This one was not sent."),
)
SHARES = Limit(
    "SHARES_PER_HOUR",
    HOUR,
    _("One person may share %(times)s times within an hour. Nothing was sent."),
)
IMPORTS = Limit(
    "IMPORTS_PER_HOUR",
    HOUR,
    _("One person may upload %(times)s files within an hour. This one was not taken in."),
)
EXPORTS = Limit(
    "EXPORTS_PER_HOUR",
    HOUR,
    _("One person may export %(times)s times within an hour. Nothing was exported."),
)
SEARCHES = Limit(
    "SEARCHES_PER_MINUTE", MINUTE, _("One person may search %(times)s times within a minute.")
)


def limited(limit: Limit, *, reading: bool = False) -> Callable[[Callable], Callable]:
    """Have a view answer 429 once a person has done it as often as the limit says.

    Counted is a POST, or with `reading` a GET, that did something: not what was refused. Put it
    below the decorators that refuse or ask (accounts.sudo), and above `transaction.atomic`.
    """
    methods = {"GET", "POST"} if reading else {"POST"}

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if request.method not in methods:
                return view(request, *args, **kwargs)
            if limit.times and cache.get(_key(request, limit), 0) >= limit.times:
                return too_often(request, limit)
            response = view(request, *args, **kwargs)
            if response.status_code < HTTPStatus.BAD_REQUEST:
                _count(_key(request, limit), limit.seconds)
            return response

        return counted

    return decorate


def spend(request: HttpRequest, limit: Limit) -> HttpResponse | None:
    """Count one more at once. Returns the answer to give instead where that is too often."""
    if limit.times and _count(_key(request, limit), limit.seconds) > limit.times:
        return too_often(request, limit)
    return None


def too_often(request: HttpRequest, limit: Limit) -> HttpResponse:
    """Answer 429, and say when to go on: to htmx as a toast, so that a form stays as it is."""
    wait = limit.seconds - int(time.time()) % limit.seconds
    text = f"{limit.text % {'times': limit.times}} {_when(wait)}"
    if request.htmx:
        response = reswap(HttpResponse(), "none")
        trigger_client_event(response, "toast", {"text": text, "kind": "bad"})
    else:
        page = leading.page_of(request)
        posted = request.method == "POST"
        kept = unsent.keep(request, page, unsent.TOO_OFTEN) if posted else ""
        response = render(request, "429.html", {"text": text, "kept": kept, "page": page})
    return _as_429(response, wait)


def too_many_tries(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 429 to who tries to sign in, or asks for new passwords, too often (allauth's)."""
    wait = RESET if request.path == reverse("account_reset_password") else MINUTE
    return _as_429(render(request, "429.html", {"text": _when(wait)}), wait)


def asks_too_often(request: HttpRequest, what: str, *, times: int, seconds: int) -> bool:
    """Tell whether a client address has asked for `what` more than `times` within `seconds`.

    Each call counts. The time begins with the first one and does not start again with others.
    """
    return _count(f"asked:{what}:{_place(request)}", seconds) > times


def _as_429(response: HttpResponse, wait: int) -> HttpResponse:
    response.status_code = HTTPStatus.TOO_MANY_REQUESTS
    response.headers["Retry-After"] = str(wait)
    return response


def _when(seconds: int) -> str:
    minutes = -(-seconds // MINUTE)
    text = ngettext("Go on in %(count)d minute.", "Go on in %(count)d minutes.", minutes)
    return text % {"count": minutes}


def _key(request: HttpRequest, limit: Limit) -> str:
    """Return under what this person's are counted in the present stretch of the clock."""
    return f"limit:{limit.setting}:{request.user.pk}:{int(time.time()) // limit.seconds}"


def _place(request: HttpRequest) -> str:
    """Return where a request comes from: of an IPv6 address, the customer's network."""
    address = client_address(request)
    if not address or ":" not in address:
        return address or "local"
    return str(ipaddress.IPv6Network(f"{address}/{NETWORK}", strict=False).network_address)


def _count(key: str, seconds: int) -> int:
    """Count one more, and return how many there are. All but the first cost one addition."""
    try:
        return cache.incr(key)
    except ValueError:  # nothing is counted yet
        if cache.add(key, 1, seconds):
            return 1
    try:
        return cache.incr(key)  # somebody else was first
    except ValueError:  # the time was over just now
        return 0
