"""From which page somebody comes, and how they are led to another one of ours."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect


def page_of(request: HttpRequest) -> str:
    """Return the path of the page on which a form or link was used, "/" where nobody knows."""
    if request.htmx:
        page = request.htmx.current_url_abs_path or "/"
    else:
        referrer = request.headers.get("Referer", "")
        page = referrer.removeprefix(f"{request.scheme}://{request.get_host()}")
    return own_path(page) or "/"


def page_to_show(request: HttpRequest) -> str:
    """Return the path of the page to come back to: a page that is asked for is that itself."""
    is_page = request.method in ("GET", "HEAD") and not request.htmx
    return request.get_full_path() if is_page else page_of(request)


def own_path(address: str) -> str:
    """Return an address that somebody else may have made up; empty where it leads elsewhere."""
    ours = address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if ours else ""


def led_to(request: HttpRequest, address: str) -> HttpResponse:
    """Lead to a page instead of the answer; htmx as a whole, so that no part of one holds it."""
    return HttpResponseClientRedirect(address) if request.htmx else HttpResponseRedirect(address)
