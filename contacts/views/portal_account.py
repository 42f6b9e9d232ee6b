"""The portal's other pages: own details, preferences, and leaving it."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import passkeys
from accounts.forms import PreferencesForm
from accounts.models import User
from contacts.conflicts import Reconciliation
from contacts.forms.portal import MailForm, OwnDetailsForm
from contacts.gate import open_to_portal
from contacts.models import Contact, Invitation
from contacts.views.answers import SeeOther
from contacts.views.portal import own_contact


@open_to_portal
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def details(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show and save what the team knows of the contact itself; ask where both changed the same."""
    is_sent = request.method == "POST"
    contact = own_contact(request, pk, lock=is_sent)
    form = OwnDetailsForm(request.POST if is_sent else None, instance=contact)
    if not form.is_valid() or "more" in request.POST:
        return _details(request, form)
    chosen = {
        name: request.POST.get(f"take_{name}", "")
        for name in Contact.tracked_fields()
        if name in form.fields
    }
    outcome = Reconciliation.of(contact, form.cleaned_data["version"], chosen, request.user)
    if outcome.conflicts:
        context = {"contact": contact, "form": OwnDetailsForm(instance=contact), "outcome": outcome}
        return render(request, "portal/conflict.html", context, status=HTTPStatus.CONFLICT)
    try:
        contact.validate_constraints()
    except ValidationError as error:
        form.add_error(None, error)
        return _details(request, form)
    said = _("Your details are saved.") if contact.unsaved() else _("Nothing was changed.")
    contact.save()
    messages.success(request, said)
    return SeeOther(reverse("portal_details", args=[pk]))


@open_to_portal
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Show and save what an account decides for itself, and whether mail is wanted."""
    accesses = Invitation.objects.giving_access(request.user).select_related("contact")
    contacts = {access.contact_id: access.contact for access in accesses}
    if not contacts:
        raise Http404
    form = PreferencesForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if form.is_valid():
        user = form.save()
        with translation.override(user.language):
            messages.success(request, _("Preferences saved"))
        return SeeOther(reverse("portal_preferences"))
    page = {
        "form": form,
        "contacts": contacts.values(),
        "passkeys": passkeys.of(request.user),
        "can_add_passkeys": passkeys.offered(request),
    }
    return render(request, "portal/preferences.html", page, status=422 if form.is_bound else 200)


@open_to_portal
@require_POST
@transaction.atomic
def mail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note whether mail from the team is wanted."""
    contact = own_contact(request, pk, lock=True)
    form = MailForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
    elif form.cleaned_data["wanted"]:
        contact.opt_in(source=Contact.Source.PORTAL)
        messages.success(request, _("The team may send you mail again."))
    else:
        contact.opt_out(source=Contact.Source.PORTAL, reason=form.cleaned_data["reason"])
        messages.success(request, _("The team can no longer send you mail from here."))
    return SeeOther(reverse("portal_preferences"))


@open_to_portal
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@transaction.atomic
def leave(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what leaving means; on POST end the own access, and sign out where none is left."""
    contact = own_contact(request, pk, lock=request.method == "POST")
    if request.method != "POST":
        return render(request, "portal/leave.html", {"contact": contact})
    accesses = Invitation.objects.giving_access(request.user)
    for access in accesses.filter(contact=contact):
        access.end()
    if not accesses.exists() and not request.user.has_perm("contacts.view_contact"):
        logout(request)
    messages.success(request, _("You have left the conversation."))
    return SeeOther(reverse("home"))


def _details(request: HttpRequest, form: OwnDetailsForm) -> HttpResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
    if "more" in request.POST:  # another input was asked for, nothing was to be saved
        form.errors.clear()
        status = HTTPStatus.OK
    for field in [field for field in form if field.errors][:1]:
        field.field.widget.attrs["autofocus"] = True
    context: dict[str, Any] = {"contact": Contact.objects.get(pk=form.instance.pk), "form": form}
    return render(request, "portal/details.html", context, status=status)
