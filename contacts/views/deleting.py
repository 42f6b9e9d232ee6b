"""Deleting a contact for good, with its name typed to confirm."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.sudo import sudo_required
from contacts.forms.acting import DeleteForm
from contacts.models import Contact
from contacts.views.answers import led_on


@require_http_methods(["GET", "POST"])
@permission_required("contacts.delete_contact", raise_exception=True)
@sudo_required(label=_("Delete for good"))
@transaction.atomic
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what would be erased and what stays; on POST with the name typed, do it."""
    is_sent = request.method == "POST"
    contact = Contact.objects.locked(pk) if is_sent else Contact.objects.present(pk)
    form = DeleteForm(request.POST if is_sent else None, contact=contact)
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        template = "contacts/_delete.html" if request.htmx else "contacts/delete.html"
        return render(request, template, _context(contact, form), status=status)
    contact.delete(reason=form.cleaned_data["reason"])
    return led_on(request, contact.get_absolute_url())


@require_GET
@permission_required("contacts.delete_contact", raise_exception=True)
def dialog(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer with the same question as a dialog."""
    contact = Contact.objects.present(pk)
    form = DeleteForm(contact=contact)
    return render(request, "contacts/_delete.html", _context(contact, form))


def _context(contact: Contact, form: DeleteForm) -> dict[str, Any]:
    invitations = contact.invitations
    return {
        "contact": contact,
        "form": form,
        "name_days": settings.DELETED_NAME_DAYS,
        "belongings": contact.belongings(),
        "merged": contact.merged if contact.merged_ids else (),
        "is_invited": invitations.living().exists(),
        "has_portal": invitations.filter(state="accepted").exclude(role="team").exists(),
    }
