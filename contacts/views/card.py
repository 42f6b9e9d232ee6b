"""A contact as a file for phones and mail programs."""

import re
from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from contacts import vcard
from contacts.models import Contact, ContactGone, DeletedContact

_UNSAFE = re.compile(r"[^\w .,@+-]|^\.+")


@require_safe
@permission_required("contacts.view_contact", raise_exception=True)
def card(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send the contact as a vCard 4.0; of a deleted one the receipt, as 410 Gone."""
    contact = Contact.objects.filter(pk=pk).first()
    if contact is None:
        raise ContactGone(get_object_or_404(DeletedContact, pk=pk))
    name = _UNSAFE.sub("", contact.name).strip()[:100] or "contact"
    response = HttpResponse(vcard.write(contact), content_type="text/vcard; charset=utf-8")
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.vcf")
    return response
