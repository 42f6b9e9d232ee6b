"""Whether the team may write to a contact, as the team notes it."""

from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts.forms.acting import ReasonForm
from contacts.models import Contact
from contacts.views.answers import acted, refused


@require_POST
@permission_required("contacts.change_contact", raise_exception=True)
@transaction.atomic
def opt_out(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note that the contact wants no mail; what is queued does not leave."""
    contact = Contact.objects.locked(pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return refused(request, contact, form)
    if not contact.opt_out(reason=form.cleaned_data["reason"], source=Contact.Source.TEAM):
        return acted(request, contact, "contacts/acted.html", _("That was noted already."))
    text = _("Noted: %(name)s wants no mail.") % {"name": contact.name}
    return acted(request, contact, "contacts/acted.html", text)


@require_POST
@permission_required("contacts.change_contact", raise_exception=True)
@transaction.atomic
def opt_in(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note that the contact may be written to again."""
    contact = Contact.objects.locked(pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return refused(request, contact, form)
    if not contact.opt_in(reason=form.cleaned_data["reason"]):
        text = _("%(name)s may be written to already.") % {"name": contact.name}
        return acted(request, contact, "contacts/acted.html", text)
    text = _("%(name)s may be written to again.") % {"name": contact.name}
    return acted(request, contact, "contacts/acted.html", text)
