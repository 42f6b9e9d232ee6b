"""What all pages have in common that somebody opens with nothing but a personal link."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.decorators import decorator_from_middleware
from django.views.decorators.csrf import csrf_exempt

from accounts.throttling import asks_too_often

POSTS_A_MINUTE = 30  # from one address

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


class CsrfWithoutOrigin(CsrfViewMiddleware):
    """Compares the form's token with the cookie, but takes "null" for an origin.

    That is what browsers send from a page that sends no referrer (https://fetch.spec.whatwg.org,
    "append a request Origin header"). The cookie is SameSite=Lax: no other site's form brings it.
    """

    def _origin_verified(self, request: HttpRequest) -> bool:
        return request.META["HTTP_ORIGIN"] == "null" or super()._origin_verified(request)


def personal_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a view answer whoever holds its link, and nobody keep, pass on or index the page."""
    checked: Any = decorator_from_middleware(CsrfWithoutOrigin)(view)

    @csrf_exempt
    @login_not_required
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return kept_private(checked(request, *args, **kwargs))

    return answer


def kept_private(response: HttpResponse) -> HttpResponse:
    """Have nobody keep, index or pass on the address of an answer, or what stands in it."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = "60"
    return response


def posts_too_often(request: HttpRequest) -> bool:
    """Count a POST to such a page; tell whether its client's address has sent too many of them."""
    return asks_too_often(request, "personal-link", times=POSTS_A_MINUTE, seconds=60)
