"""Creating and editing a contact."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from uuid_utils.compat import uuid7

from contacts.conflicts import Reconciliation
from contacts.duplicates import likely_duplicates
from contacts.forms.contact import ContactForm
from contacts.models import Contact, ContactGone, DeletedContact, Tag
from contacts.views.answers import SeeOther
from contacts.views.detail import receipt

DUPLICATES_SHOWN = 5
TAGS_OFFERED = 500


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.add_contact", raise_exception=True)
@transaction.atomic
def contact_new(request: HttpRequest) -> HttpResponse:
    """Show the form of a new contact; add the contact, asking first where it may be known already.

    A form that was sent before is answered as it was the first time.
    """
    contact = Contact(pk=uuid7(), owner=request.user)
    form = ContactForm(request.POST if request.method == "POST" else None, instance=contact)
    if not form.is_valid() or "more" in request.POST:
        return _form(request, form)
    sent = form.cleaned_data["id"]
    if sent and not DeletedContact.objects.filter(pk=sent).exists():
        contact.pk = sent
    seen = set(request.POST.getlist("not_duplicate"))
    duplicates = list(likely_duplicates(contact)[:DUPLICATES_SHOWN])
    if any(str(each.pk) not in seen for each in duplicates):
        # 409 and not 422: nothing is wrong with the form, but what is there already speaks
        # against it, and a script must not take the question for an added contact.
        return _form(request, form, HTTPStatus.CONFLICT, duplicates=duplicates)
    try:
        with transaction.atomic():
            form.save(force_insert=True)
    except IntegrityError:
        first = Contact.objects.select_for_update().get(pk=contact.pk)
        return _sent_again(request, first, contact)
    return _saved(request, contact, _("%(name)s was added.") % {"name": contact})


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("contacts.change_contact", raise_exception=True)
@transaction.atomic
def contact_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the form of a contact; save it, asking first where others changed the same fields."""
    if request.method != "POST":
        return _opened(request, pk)
    try:
        contact = Contact.objects.locked(pk)
    except ContactGone as gone:
        return _gone(request, gone)
    if "restore" in request.POST and request.user.has_perm("contacts.archive_contact"):
        contact.restore()
    name, archived = contact.name, contact.is_archived
    form = ContactForm(request.POST, instance=contact)
    if not form.is_valid() or "more" in request.POST:
        return _form(request, form, name=name)
    if archived:
        return _form(request, form, HTTPStatus.CONFLICT, name=name, archived=True)
    return _merged(request, form, name)


def _opened(request: HttpRequest, pk: UUID) -> HttpResponse:
    try:
        contact = Contact.objects.present(pk)
    except ContactGone as gone:
        return receipt(request, gone.receipt)
    if contact.is_archived:
        said = _("%(name)s is archived. Restore it to edit it.") % {"name": contact}
        messages.warning(request, said)
        return redirect(contact)
    return _form(request, ContactForm(instance=contact), name=contact.name)


def _merged(request: HttpRequest, form: ContactForm, name: str) -> HttpResponse:
    """Save the form on top of what others saved, or ask where both changed a field."""
    contact = form.instance
    outcome = Reconciliation.of(
        contact, form.cleaned_data["version"], _choices(request), request.user
    )
    if outcome.conflicts:
        return _conflict(request, contact, outcome, name)
    try:
        contact.validate_constraints()
    except ValidationError as error:
        form.add_error(None, error)
        return _form(request, form, name=name)
    unsaved = contact.unsaved()
    form.save()
    return _saved(
        request, contact, _said(contact, outcome) if unsaved else _("Nothing was changed.")
    )


def _form(
    request: HttpRequest, form: ContactForm, status: int | None = None, **context: Any
) -> HttpResponse:
    if "more" in request.POST:  # another input was asked for, nothing was to be saved
        form.errors.clear()
        status = HTTPStatus.OK
    wrong = [field for field in form if field.errors]
    for field in wrong[:1] or [form["given_name"]] * (not context):
        field.field.widget.attrs["autofocus"] = True
    status = status or (HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK)
    known_tags = Tag.objects.values_list("name", flat=True)[:TAGS_OFFERED]
    context |= {"form": form, "known_tags": known_tags}
    return render(request, "contacts/form.html", context, status=status)


def _saved(request: HttpRequest, contact: Contact, said: str) -> HttpResponse:
    messages.success(request, said)
    return SeeOther(contact.get_absolute_url())


def _said(contact: Contact, outcome: Reconciliation) -> str:
    if not outcome.kept:
        return _("%(name)s was saved.") % {"name": contact}
    fields = get_text_list(outcome.kept, _("and"))
    if not outcome.editors:
        return _("Saved. What was changed in the meantime is kept: %(fields)s.") % {
            "fields": fields
        }
    return _("Saved. What %(people)s changed in the meantime is kept: %(fields)s.") % {
        "people": get_text_list(outcome.editors, _("and")),
        "fields": fields,
    }


def _choices(request: HttpRequest) -> dict[str, str]:
    fields = Contact.tracked_fields()
    sent = {name: request.POST.get(f"take_{name}", "") for name in fields}
    return {name: choice for name, choice in sent.items() if choice}


def _gone(request: HttpRequest, gone: ContactGone) -> HttpResponse:
    """Answer that the contact is gone; what was typed can be copied, or become a new contact."""
    form = ContactForm(request.POST, instance=Contact(pk=uuid7()))
    return _form(request, form, HTTPStatus.GONE, gone=gone.receipt)


def _sent_again(request: HttpRequest, first: Contact, again: Contact) -> HttpResponse:
    """Answer a form whose contact is there: like the first time, or with what is different now."""
    name = first.name
    for attribute in first.tracked_fields().keys() - {"archived_at"}:
        setattr(first, attribute, getattr(again, attribute))
    outcome = Reconciliation.of(first, None, {}, request.user)
    if not outcome.conflicts:
        return _saved(request, first, _("%(name)s was added.") % {"name": name})
    return _conflict(request, first, outcome, name)


def _conflict(
    request: HttpRequest, contact: Contact, outcome: Reconciliation, name: str
) -> HttpResponse:
    """Ask which values to keep. What is not asked about is sent again as it was merged."""
    return render(
        request,
        "contacts/conflict.html",
        {
            "contact": contact,
            "name": name,
            "form": ContactForm(instance=contact),
            "outcome": outcome,
            "others": get_text_list(outcome.editors, _("and")),
        },
        status=HTTPStatus.CONFLICT,
    )
