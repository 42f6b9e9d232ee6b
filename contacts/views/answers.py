"""How the actions of the Activity page are answered: with fragments, or with the page again."""

import json
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from contacts.models import Contact


class SeeOther(HttpResponseRedirect):
    """Leads on to a page after a POST: 303, which asks for it with GET whatever the client."""

    status_code = 303


def led_on(request: HttpRequest, address: str) -> HttpResponse:
    """Lead on to a page after a POST; htmx loads it as a whole, too."""
    if not request.htmx:
        return SeeOther(address)
    response = HttpResponse(status=204)
    response.headers["HX-Redirect"] = address
    return response


def toast(response: HttpResponse, text: str, *, kind: str = "ok", undo: str = "") -> HttpResponse:
    """Have the page show a short message; `undo` is an address to post to."""
    response.headers["HX-Trigger"] = json.dumps(
        {"toast": {"text": text, "kind": kind, "undo": undo}}
    )
    return response


def refusal(text: str, status: int) -> HttpResponse:
    """Answer htmx that nothing was done: the page stays as it is, and a short message says why."""
    response = HttpResponse(status=status)
    response.headers["HX-Reswap"] = "none"
    return toast(response, text, kind="bad")


def newest_shown(request: HttpRequest) -> int | None:
    """Return the id of the newest event that the page shows, None where it does not say so."""
    newest = request.POST.get("newest", "")
    return int(newest) if newest.isdecimal() and len(newest) < 19 else None  # fits into 64 bits


def acted(
    request: HttpRequest,
    contact: Contact,
    template: str,
    text: str,
    *,
    undo: str = "",
    **context: Any,
) -> HttpResponse:
    """Answer an action on a contact: its new state and rows to htmx, else its page, 303.

    What was done with a merged contact shows on the page of its survivor.

    The fragment needs to know the newest event that the page shows; a page that does not say so
    (it shows older ones) is loaded anew.
    """
    contact = contact.survivor
    newest = newest_shown(request)
    if request.htmx and newest is not None:
        context |= {"contact": contact, "newest": newest}
        return toast(render(request, template, context), text, undo=undo)
    messages.success(request, text, extra_tags=undo)
    address = contact.get_absolute_url()
    if request.POST.get("compose") == "message":  # it stood in the way of one
        address += "?compose=message#composer"
    elif request.user.timeline_group:  # what was just done may be none of that group
        address += "?group=all"
    return led_on(request, address)


def refused(request: HttpRequest, contact: Contact, form: Form) -> HttpResponse:
    """Answer 422 to a small form that makes no sense, with the first thing wrong with it."""
    text = str(next(iter(form.errors.values()))[0])
    if request.htmx:
        return refusal(text, 422)
    messages.error(request, text)
    return render(request, "422.html", {"contact": contact, "form": form}, status=422)
