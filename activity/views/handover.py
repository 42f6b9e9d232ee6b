"""Handing a contact's history over: a sheet to print and a CSV file, fingerprinted together."""

from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST
from uuid_utils.compat import uuid7

from accounts.sudo import sudo_required
from accounts.throttling import EXPORTS, limited
from activity import asked
from activity.history.handover import FORMAT, VERB, Handover
from activity.models import ActivityEvent
from contacts.models import Contact, ContactGone, DeletedContact
from contacts.views.answers import SeeOther

PAGING = ("before", "at")  # of a page's address, and no filters


@require_POST
@permission_required("contacts.export_contacts", raise_exception=True)
@sudo_required(label=_("Make the sheet now"))
@limited(EXPORTS)
@transaction.atomic
def make(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note that the history, as the address filters it, is handed over; lead on to the sheet."""
    contact = Contact.objects.locked(pk)
    query = request.GET.copy()
    for name in {name for name, values in query.lists() if not any(values)} | set(PAGING):
        query.pop(name, None)
    sent = asked.uuid(request.POST.get("id", "")) or uuid7()
    event = Handover.make(contact, request.user, query, pk=sent)
    return SeeOther(reverse("contact_handover_sheet", args=[pk, event.uid]))


@require_GET
@permission_required("contacts.export_contacts", raise_exception=True)
def sheet(request: HttpRequest, pk: UUID, uid: UUID) -> HttpResponse:
    """Show the sheet, ready to be printed."""
    handover = _found(request, pk, uid)
    context = {"handover": handover, "contact": handover.contact, "now": timezone.now()}
    return render(request, "activity/history/handover.html", context)


@require_GET
@permission_required("contacts.export_contacts", raise_exception=True)
@sudo_required(reading=True, label=_("Download now"))
def csv(request: HttpRequest, pk: UUID, uid: UUID) -> StreamingHttpResponse:
    """Send the CSV file whose fingerprint stands on the sheet."""
    handover = _found(request, pk, uid)
    response = StreamingHttpResponse(handover.lines(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{handover.file_name}"'
    return response


def _found(request: HttpRequest, pk: UUID, uid: UUID) -> Handover:
    """Return a handover of the contact. Raises ContactGone and Http404."""
    contact = Contact.objects.select_related("owner").filter(pk=pk).first()
    if contact is None:
        raise ContactGone(get_object_or_404(DeletedContact, pk=pk))
    made = ActivityEvent.objects.of(pk).filter(verb=VERB, payload__format=FORMAT)
    return Handover.made(contact, get_object_or_404(made, uid=uid), request.user)
