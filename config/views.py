"""What is answered where no view could: nothing at an address, a request that makes no sense.

Refusals (403) and outdated forms are in accounts/views.py. A malformed request (400) needs no view:
Django draws templates/400.html without a database.
"""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.defaults import server_error
from django_htmx.http import reswap, trigger_client_event


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404 with a page; htmx with a message, so that what is on the page stays there."""
    if request.htmx:
        response = reswap(HttpResponse(status=404), "none")
        text = _("This is no longer here. Reload the page to see what is.")
        return trigger_client_event(response, "toast", {"text": text, "kind": "bad"})
    return render(request, "404.html", status=404)


# Of SQLSTATE: no connection, the server is stopping or starting, it has no more connections.
AWAY = ("08", "57P", "53300")
RETRY_SECONDS = "5"


def crashed(request: HttpRequest) -> HttpResponse:
    """Answer 500 with a page; 503 where the database could not be reached, which passes."""
    if _is_away(sys.exception()):
        response = server_error(request, "503.html")
        response.status_code = 503
        response.headers["Retry-After"] = RETRY_SECONDS
        return response
    return server_error(request)


def _is_away(error: BaseException | None) -> bool:
    """Tell whether an error says that there is no connection, rather than what a query did."""
    if not isinstance(error, (OperationalError, InterfaceError)):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(AWAY)
