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


def toast(response: HttpResponse, text: str, *, kind: str = "ok", undo: str = "") -> HttpResponse:
    """Have the page show a short message; `undo` is an address to post to."""
    response.headers["HX-Trigger"] = json.dumps(
        {"toast": {"text": text, "kind": kind, "undo": undo}}
    )
    return response


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
    newest = request.POST.get("newest", "")
    if request.htmx and newest.isdecimal() and len(newest) < 19:  # an id fits into 64 bits
        context |= {"contact": contact, "newest": int(newest)}
        return toast(render(request, template, context), text, undo=undo)
    messages.success(request, text, extra_tags=undo)
    address = contact.get_absolute_url()
    if request.POST.get("compose") == "message":  # it stood in the way of one
        address += "?compose=message#composer"
    elif request.user.timeline_group:  # what was just done may be none of that group
        address += "?group=all"
    if request.htmx:
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = address
        return response
    return SeeOther(address)


def refused(request: HttpRequest, contact: Contact, form: Form) -> HttpResponse:
    """Answer 422 to a small form that makes no sense, with the first thing wrong with it."""
    text = str(next(iter(form.errors.values()))[0])
    if request.htmx:
        response = HttpResponse(status=422)
        response.headers["HX-Reswap"] = "none"
        return toast(response, text, kind="bad")
    messages.error(request, text)
    return render(request, "422.html", {"contact": contact, "form": form}, status=422)
