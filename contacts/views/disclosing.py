"""The register of disclosures: who outside has been sent what about a contact, and when."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.sudo import sudo_required
from accounts.throttling import EXPORTS, limited
from contacts.models import Contact, Delivery
from contacts.spreadsheet import csv_lines, told_as_here
from contacts.views.sharing import found

PAGE = 50  # disclosures on one page


@require_GET
@permission_required("contacts.view_contact", raise_exception=True)
def disclosures(request: HttpRequest, pk: UUID) -> HttpResponse:
    """List what was shared, newest first."""
    contact = found(pk)
    page = Paginator(_of(contact), PAGE).get_page(request.GET.get("page"))
    return render(request, "shares/disclosures.html", {"contact": contact, "page": page})


@require_GET
@permission_required("contacts.export_contacts", raise_exception=True)
@sudo_required(reading=True, label=gettext_lazy("Export now"))
@limited(EXPORTS, reading=True)
def export(request: HttpRequest, pk: UUID) -> StreamingHttpResponse:
    """Send the whole register as a CSV file, with the values that left."""
    lines = csv_lines(told_as_here(_rows(found(pk))))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="disclosures-{pk}.csv"'
    return response


def _of(contact: Contact) -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(contact=contact, share__isnull=False)
    return rows.select_related("share__sender", "share__contact").defer("text", "html")


def _rows(contact: Contact) -> Iterator[list[Any]]:
    yield [
        _("When"),
        _("To"),
        _("The contact’s own address"),
        _("Details"),
        _("Values"),
        _("Text"),
        _("Files"),
        _("vCard"),
        _("Link"),
        _("Visits"),
        _("State"),
        _("Sent by"),
    ]
    for delivery in _of(contact).iterator(chunk_size=500):
        share, told = delivery.share, delivery.disclosed
        yield [
            timezone.localtime(delivery.created_at).isoformat(timespec="seconds"),
            delivery.recipient,
            _("yes") if share.is_own(delivery.recipient) else _("no"),
            ", ".join(item["label"] for item in told),
            "; ".join(f"{item['label']}: {', '.join(item['value'])}" for item in told),
            share.note,
            ", ".join(each["name"] for each in delivery.attachments if "sha256" in each),
            _("yes") if share.with_card else _("no"),
            share.link_state,
            share.visits.get(delivery.recipient, 0) if share.link_expires_at else "",
            delivery.get_state_display(),
            share.sender,
        ]
