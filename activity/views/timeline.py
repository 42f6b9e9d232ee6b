"""Fragments of timelines. Each has an address of its own: Back never shows one as a page."""

from dataclasses import replace
from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from activity import timeline
from activity.catalogue import GROUPS
from activity.filters import Filters
from activity.templatetags.activity import number
from contacts.models import Contact
from contacts.views.answers import SeeOther


@require_GET
@permission_required("contacts.view_contact", raise_exception=True)
def filtered(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with the timeline as the filters ask for it, and put them into the page's address."""
    return _filtered(request, Contact.objects.present(pk), Filters.read(request.GET))


@require_POST
@permission_required("contacts.view_contact", raise_exception=True)
@transaction.atomic
def grouped(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with the group to `show`, and open timelines with it from now on."""
    contact = Contact.objects.present(pk)
    show = request.POST.get("show", "")
    group = show if show in GROUPS else ""
    request.user.open_timelines_with(group)
    filters = replace(Filters.read(request.POST), group=group)
    if request.htmx:
        return _filtered(request, contact, filters)
    return SeeOther(_address(contact, filters))


def _filtered(request: HttpRequest, contact: Contact, filters: Filters) -> HttpResponse:
    context = {"contact": contact, "filters": filters}
    response = render(request, "activity/filtered.html", context)
    choice = request.user.timeline_group
    response.headers["HX-Replace-Url"] = _address(contact, filters, choice)
    return response


def _address(contact: Contact, filters: Filters, choice: str = "") -> str:
    query = filters.query(choice)
    return contact.get_absolute_url() + (f"?{query}" if query else "")


@require_GET
@permission_required("contacts.view_contact", raise_exception=True)
def older(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with the page of the timeline that follows `?before=`, and the step after it."""
    contact = Contact.objects.present(pk) if "merged" in request.GET else None
    before = number(request.GET.get("before"))
    page = timeline.read(pk, Filters.read(request.GET), contact=contact, before=before)
    return render(request, "activity/_older.html", {"timeline": page, "pk": pk})
