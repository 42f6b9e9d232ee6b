"""What is answered where something failed that passes, or that a person can mend.

Beside a crash (500): the database away (503), the disk full (507), and requests whose body was not
taken in (config/receiving.py).
"""

import errno
import sys
from collections.abc import Callable
from http import HTTPStatus

from django.db import Error, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.defaults import server_error
from django_htmx.http import reswap, trigger_client_event

# Of SQLSTATE: no connection, the server is stopping or starting, it has no more connections, it
# takes no changes as it is not the primary any more.
AWAY = ("08", "57P", "53300", "25006")
FULL = "53100"
RETRY_SECONDS = {HTTPStatus.SERVICE_UNAVAILABLE: "5", HTTPStatus.INSUFFICIENT_STORAGE: "60"}
REFUSED = "annals.refused"  # in the environment of a request: the status, why it was not taken in


def crashed(request: HttpRequest) -> HttpResponse:
    """Answer 500 with a page; 503 or 507 where that passes, or room can be made."""
    status = status_of(sys.exception())
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return server_error(request)
    response = server_error(request, f"{status:d}.html")
    response.status_code = status
    response.headers["Retry-After"] = RETRY_SECONDS[status]
    return response


def status_of(error: BaseException | None) -> HTTPStatus:
    """Return what an error is answered with.

    503 where there is no connection to the database, 507 where a disk is full, be it the database's
    or our own, else 500.
    """
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return HTTPStatus.INSUFFICIENT_STORAGE
    if isinstance(error, Error):
        state = getattr(error.__cause__, "sqlstate", None)
        if state == FULL:
            return HTTPStatus.INSUFFICIENT_STORAGE
        lost = state is None and isinstance(error, (OperationalError, InterfaceError))
        if lost or (state or "").startswith(AWAY):
            return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.INTERNAL_SERVER_ERROR


def sentence(status: HTTPStatus) -> str:
    """Return what is said where no page can be, in the reader's language."""
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return _("Annals cannot reach its data right now. Go back, then try again in a minute.")
    if status == HTTPStatus.INSUFFICIENT_STORAGE:
        return _("The disk of this server is full. Nothing was saved.")
    return _("Something went wrong here. Go back, then try again in a minute.")


class RefusedBodyMiddleware:
    """Answers requests whose body was not taken in: with a page, to htmx with a message."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or pass the request on."""
        status = request.META.get(REFUSED)
        if status is None:
            return self.get_response(request)
        if request.htmx and status < HTTPStatus.INTERNAL_SERVER_ERROR:
            response = reswap(HttpResponse(status=status), "none")
            text = {
                HTTPStatus.REQUEST_TIMEOUT: _(
                    "That came too slowly. Nothing was saved: try again."
                ),
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _("That is too large. Nothing was saved."),
            }[status]
            return trigger_client_event(response, "toast", {"text": text, "kind": "bad"})
        response = render(request, f"{status:d}.html", status=status)
        if status in RETRY_SECONDS:
            response.headers["Retry-After"] = RETRY_SECONDS[status]
        return response
