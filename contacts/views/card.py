"""A contact as a file for phones and mail programs."""

from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from contacts import vcard
from contacts.models import Contact


@require_safe
@permission_required("contacts.view_contact", raise_exception=True)
def card(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send the contact as a vCard 4.0; of a deleted one the receipt, as 410 Gone."""
    return answer(Contact.objects.present(pk))


def answer(contact: Contact) -> HttpResponse:
    """Send a contact, or what of it is told, as a file."""
    response = HttpResponse(vcard.write(contact), content_type=f"{vcard.TYPE}; charset=utf-8")
    disposition = content_disposition_header(True, vcard.file_name(contact))
    response.headers["Content-Disposition"] = disposition
    return response
