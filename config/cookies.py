"""The names of cookies under https, by which browsers keep others from setting them."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

# RFC 6265bis, 4.1.3: taken over https only, and `__Host-` from this very host for all its paths.
HOST, SECURE = "__Host-", "__Secure-"
# Of Django and allauth, which read them by their whole names.
NAMED = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME")


class CookieNamesMiddleware:
    """Gives every cookie such a name on its way out, whoever sets it, and takes in no other.

    A page at another host of the domain, or a network that answers for one over http, could set a
    cookie that is sent to us; without the name it counts for nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.SESSION_COOKIE_SECURE:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self._named = {getattr(settings, name) for name in NAMED}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with cookies named so in both directions."""
        request.COOKIES = {
            name if name in self._named else name.removeprefix(HOST).removeprefix(SECURE): value
            for name, value in request.COOKIES.items()
            if name.startswith((HOST, SECURE))
        }
        response = self.get_response(request)
        for name in [*response.cookies]:
            if name in self._named:
                continue
            cookie = response.cookies.pop(name)
            prefix = HOST if cookie["path"] == "/" and not cookie["domain"] else SECURE
            cookie.set(prefix + name, cookie.value, cookie.coded_value)
            cookie["secure"] = True
            response.cookies[prefix + name] = cookie
        return response
