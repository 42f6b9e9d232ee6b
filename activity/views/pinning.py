"""Pinning an entry above the timeline, and unpinning it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from activity.gathering import attach
from activity.models import ActivityEvent
from activity.pinned import PINNABLE, pinned_of
from contacts.models import Contact, Pin
from contacts.models.pin import PinsFull
from contacts.views.answers import SeeOther, toast


@require_POST
@permission_required("contacts.add_comment", raise_exception=True)
@transaction.atomic
def pin(request: HttpRequest, pk: UUID, event: int) -> HttpResponse:
    """Pin an entry for everybody; where the places are taken, say so with 409."""
    contact = Contact.objects.locked_with_survivor(pk)
    entry = _entry(contact, event)
    try:
        done = Pin.objects.add(contact, entry.pk, by=request.user)
    except PinsFull as full:
        return _full(request, contact.survivor, str(full))
    return _changed(request, contact.survivor, entry, _("Pinned") if done else _("It is pinned."))


@require_POST
@permission_required("contacts.add_comment", raise_exception=True)
@transaction.atomic
def unpin(request: HttpRequest, pk: UUID, event: int) -> HttpResponse:
    """Unpin an entry for everybody; the answer offers to undo it."""
    contact = Contact.objects.locked_with_survivor(pk)
    entry = _entry(contact, event)
    undo = reverse("entry_pin", args=[pk, event]) if Pin.objects.remove(contact, entry.pk) else ""
    return _changed(request, contact.survivor, entry, _("Unpinned"), undo=undo)


def _entry(contact: Contact, number: int) -> ActivityEvent:
    events = ActivityEvent.objects.filter(contact_id=contact.pk, verb__in=PINNABLE)
    return get_object_or_404(events, pk=number)


def _changed(
    request: HttpRequest, contact: Contact, entry: ActivityEvent, text: str, **options: str
) -> HttpResponse:
    if not request.htmx:
        messages.success(request, text, extra_tags=options.get("undo", ""))
        return SeeOther(f"{contact.get_absolute_url()}?at={entry.pk}#e-{entry.pk}")
    attach([entry], contact.pk, contact)
    context: dict[str, Any] = {"contact": contact, "pinned": pinned_of(contact), "event": entry}
    return toast(render(request, "activity/pinned.html", context), text, **options)


def _full(request: HttpRequest, contact: Contact, text: str) -> HttpResponse:
    if request.htmx:
        answer = HttpResponse(status=409)
        answer.headers["HX-Reswap"] = "none"
        return toast(answer, text, kind="bad")
    context = {"contact": contact, "pinned": pinned_of(contact), "problem": text}
    return render(request, "activity/pins_full.html", context, status=409)
