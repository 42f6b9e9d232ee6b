"""Fragments of timelines. Each has an address of its own: Back never shows one as a page."""

from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from activity import timeline
from activity.filters import Filters
from activity.templatetags.activity import number
from contacts.models import Contact


@require_GET
@permission_required("contacts.view_contact", raise_exception=True)
def filtered(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with the timeline as the filters ask for it, and put them into the page's address."""
    contact = Contact.objects.present(pk)
    response = render(request, "activity/filtered.html", {"contact": contact})
    query = request.GET.copy()
    for name in [name for name, values in query.lists() if not any(values)]:
        del query[name]
    address = contact.get_absolute_url() + (f"?{query.urlencode()}" if query else "")
    response.headers["HX-Replace-Url"] = address
    return response


@require_GET
@permission_required("contacts.view_contact", raise_exception=True)
def older(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with the page of the timeline that follows `?before=`, and the step after it."""
    contact = Contact.objects.present(pk) if "merged" in request.GET else None
    before = number(request.GET.get("before"))
    page = timeline.read(pk, Filters.read(request.GET), contact=contact, before=before)
    return render(request, "activity/_older.html", {"timeline": page, "pk": pk})
