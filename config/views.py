"""What is answered where no view could: nothing at an address, a request that makes no sense.

Refusals (403) and outdated forms are in accounts/views.py, failures in config/failures.py. A
malformed request (400) needs no view: Django draws templates/400.html without a database.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django_htmx.http import reswap, trigger_client_event


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404 with a page; htmx with a message, so that what is on the page stays there."""
    if request.htmx:
        response = reswap(HttpResponse(status=404), "none")
        text = _("This is no longer here. Reload the page to see what is.")
        return trigger_client_event(response, "toast", {"text": text, "kind": "bad"})
    return render(request, "404.html", status=404)
