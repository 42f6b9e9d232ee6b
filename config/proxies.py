"""What proxies say of a request, believed from those that are trusted only."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.origin import is_from_proxy, is_from_this_machine

log = logging.getLogger(__name__)
PROTOCOL = "HTTP_X_FORWARDED_PROTO"
# Nothing of ours reads them; what others read some day should find only what is true.
OTHERS = ("HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT", "HTTP_FORWARDED")
NOT_TRUSTED = (
    "X-Forwarded-Proto came from an address that is not in TRUSTED_PROXIES, and was not believed. "
    "If that is your proxy, name its network there: until then pages lead to https without end."
)


class ProxiesMiddleware:
    """Takes out of a request what proxies say, unless one of TRUSTED_PROXIES says it.

    Anybody could claim to have come over https. A proxy on this very machine is believed as to that
    without being named: nobody else connects from here, and pages would else lead to https without
    end; the address of the client is another matter (accounts/origin.py). Of several words in
    X-Forwarded-Proto the last one stays, which the proxy next to us has written.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._has_warned = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        for name in OTHERS:
            request.META.pop(name, None)
        if PROTOCOL in request.META:
            said = request.META.pop(PROTOCOL)
            if is_from_proxy(request) or is_from_this_machine(request):
                request.META[PROTOCOL] = said.rpartition(",")[2].strip()
            elif not self._has_warned:  # once is enough: anybody can send it
                self._has_warned = True
                log.warning(NOT_TRUSTED)
        return self.get_response(request)
