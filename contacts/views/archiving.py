"""Putting contacts away and taking them back."""

from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts.forms.acting import ReasonForm
from contacts.models import Contact
from contacts.views.answers import acted, refused


@require_POST
@permission_required("contacts.archive_contact", raise_exception=True)
@transaction.atomic
def archive(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Archive the contact; the answer offers to undo it, once."""
    contact = Contact.objects.locked(pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return refused(request, contact, form)
    if not contact.archive(reason=form.cleaned_data["reason"]):
        return acted(request, contact, "contacts/acted.html", _("It was archived already."))
    text = _("Archived %(name)s") % {"name": contact.name}
    undo = "" if "undo" in request.GET else f"{reverse('contact_restore', args=[pk])}?undo"
    return acted(request, contact, "contacts/acted.html", text, undo=undo)


@require_POST
@permission_required("contacts.archive_contact", raise_exception=True)
@transaction.atomic
def restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take the contact back from the archive; the answer offers to undo it, once."""
    contact = Contact.objects.locked(pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return refused(request, contact, form)
    if not contact.restore(reason=form.cleaned_data["reason"]):
        return acted(request, contact, "contacts/acted.html", _("It is not in the archive."))
    text = _("Restored %(name)s") % {"name": contact.name}
    undo = "" if "undo" in request.GET else f"{reverse('contact_archive', args=[pk])}?undo"
    return acted(request, contact, "contacts/acted.html", text, undo=undo)
