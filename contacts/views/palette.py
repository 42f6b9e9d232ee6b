"""The palette, which leads to contacts, views and pages; and the list of all keys."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.throttling import SEARCHES, spend
from contacts import palette
from contacts.models import Recent
from contacts.models.contact_query import SEARCH_MAX_LENGTH
from contacts.values import read_line


@require_safe
@permission_required(palette.VIEWS, raise_exception=True)
def find(request: HttpRequest) -> HttpResponse:
    """Show what fits the words; without any, the contacts opened last and all pages.

    htmx gets the dialog, and where it names words, their options alone.
    """
    asked = request.GET.get("q")
    if asked and (enough := spend(request, SEARCHES)):
        return enough
    words = read_line((asked or "")[:SEARCH_MAX_LENGTH])
    context = {
        "q": words,
        "recent": [] if words else Recent.objects.of(request.user),
        "contacts": palette.contacts(words) if words else [],
        "views": palette.views(request.user, words),
        "pages": palette.pages(request.user, words),
    }
    if not request.htmx:
        return render(request, "contacts/palette/page.html", context)
    part = "_palette" if asked is None else "_options"
    return render(request, f"contacts/palette/{part}.html", context)


@require_safe
@permission_required(palette.VIEWS, raise_exception=True)
def keys(request: HttpRequest) -> HttpResponse:
    """List all keys, as a dialog or as a page."""
    pages = [page for page in palette.pages(request.user) if page.key]
    template = "_keys.html" if request.htmx else "keys.html"
    return render(request, template, {"pages": pages})
