"""What an open page asks for once its stream has told that there is news."""

from dataclasses import replace
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from activity.filters import Filters
from activity.live.newer import find, moment
from activity.pinned import pinned_of
from activity.rows import Pen
from activity.templatetags.activity import number
from contacts.models import Contact, ContactGone, ContactMerged


@require_GET
@permission_required("contacts.view_contact", raise_exception=True)
def stream(request: HttpRequest) -> HttpResponse:
    """Answer that there is no stream here: what serves streams (config/asgi.py) answers before.

    A browser that gets 204 does not ask again by itself.
    """
    return HttpResponse(status=204)


@require_GET
@permission_required("contacts.view_contact", raise_exception=True)
def newer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with what changed on a contact's page since `?newest=` and `?since=`, as partials.

    With `?held=1` new rows are counted and not sent, as the reader is elsewhere; so they are for a
    page that does not show the newest. A contact that was deleted, or merged into another, leaves
    a notice, as 410.
    """
    asked = request.GET
    try:
        contact = Contact.objects.on_page(pk, request.user.pk)
    except ContactGone as gone:
        return render(request, "activity/live/gone.html", {"deleted": gone.receipt}, status=410)
    except ContactMerged as merged:
        return render(request, "activity/live/gone.html", {"merged": merged.contact}, status=410)
    page = QueryDict(urlsplit(request.htmx.current_url or "").query)
    filters = Filters.read(page, request.user.timeline_group)
    if filters.is_group_alone and filters:
        filters = replace(filters, own=request.user.pk)
    newest = number(asked.get("newest"))
    found = find(contact, filters, newest, moment(asked.get("since", "")))
    pinned = pinned_of(contact) if found.is_anything else []
    pen = Pen(request.user, words=filters.words, pinned=pinned)
    changed = [(event, pen.draw([event])) for event in found.changed]
    context = {
        "contact": contact,
        "found": found,
        "changed": changed,
        "pinned": pinned,
        "is_held": "held" in asked or newest is None or found.is_more_than_counted,
        "address": f"{contact.get_absolute_url()}?{filters.query(request.user.timeline_group)}",
        "joins": newest is not None and not found.is_more_than_counted,
    }
    return render(request, "activity/live/news.html", context)
