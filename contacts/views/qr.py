"""A contact as a QR code, to hold before somebody's phone."""

from uuid import UUID

import segno
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET

from contacts import vcard
from contacts.models import Contact
from contacts.models.reach import ON_A_CARD
from contacts.views.sharing import found


@require_GET
@permission_required("contacts.view_contact", raise_exception=True)
def code(request: HttpRequest, pk: UUID, template: str = "shares/qr.html") -> HttpResponse:
    """Show the contact's card as a QR code."""
    contact = found(pk)
    return render(request, template, {"contact": contact, "code": _drawn(contact)})


def _drawn(contact: Contact) -> SafeString | None:
    """Return the code as an SVG element, None where the card is too long for one."""
    told = Contact.as_told(contact.pk, contact.disclosed(ON_A_CARD))
    try:
        drawn = segno.make(vcard.write(told), error="m", micro=False, encoding="utf-8")
    except segno.DataOverflowError:
        return None
    # Black on white in both themes: many readers know no other way round.
    svg = drawn.svg_inline(omitsize=True, dark="#000", light="#fff", svgclass=None, lineclass=None)
    return mark_safe(svg)  # noqa: S308 - shapes and numbers, nothing that anybody typed
