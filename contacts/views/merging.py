"""Merging two contacts that are one person, and undoing it."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from contacts.duplicates import likely_duplicates
from contacts.filtering import ORDERS, ContactFilter
from contacts.forms.acting import ReasonForm
from contacts.forms.merging import MergeForm
from contacts.models import CannotMerge, Contact, ContactGone, DeletedContact
from contacts.views.answers import SeeOther

FOUND = 10  # contacts that are offered to merge with
UNSEEN = ("search", "notes")  # long, and not shown
BY_NAME = ORDERS["name"]
may_merge = permission_required("contacts.merge_contacts", raise_exception=True)


@require_safe
@may_merge
def choose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask with whom to merge a contact: those that are like it, or found by `?q=`."""
    contact = Contact.objects.present(pk)
    asked = ContactFilter.of(request.GET, ())
    if asked.q:
        others = replace(asked, status="all", tag="", owner=None)
        matches = others.matches(lambda rows: rows.exclude(pk=pk).defer(*UNSEEN))
        found = matches.take(FOUND, BY_NAME, None)
    else:
        rows = likely_duplicates(contact).defer(*UNSEEN)
        found = list(BY_NAME.applied(rows, sorting=True)[:FOUND])
    context = {"contact": contact, "found": found, "q": asked.q}
    return render(request, "contacts/merge/choose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may_merge
@transaction.atomic
def merge(request: HttpRequest, pk: UUID, other: UUID) -> HttpResponse:
    """Show two contacts side by side; on POST merge the other one into the first.

    Sent twice, it is one merge.
    """
    is_sent = request.method == "POST"
    rows = Contact.objects.locked_pair(pk, other) if is_sent else _found(pk, other)
    contact, twin = rows[pk], rows[other]
    if is_sent and twin.merged_into == contact.pk:
        return _merged(request, contact, twin)
    try:
        contact.require_mergeable(twin)
    except CannotMerge as problem:
        return _refused(request, contact, twin, problem, 422 if pk == other else 409)
    form = MergeForm(request.POST if is_sent else None, contact=contact, other=twin)
    if not form.is_valid():
        return _side_by_side(request, form, 422 if form.is_bound else 200)
    if form.is_stale:
        form.renew()
        return _side_by_side(request, form, 409, is_stale=True)
    try:
        contact.absorb(twin, form.values(), reason=form.cleaned_data["reason"])
    except ValidationError as error:
        contact.refresh_from_db()
        form.add_error(None, error)
        return _side_by_side(request, form, 422)
    return _merged(request, contact, twin)


@require_http_methods(["GET", "HEAD", "POST"])
@may_merge
@transaction.atomic
def unmerge(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what undoing a merge puts back; on POST undo it. Sent twice, it is undone once."""
    is_sent = request.method == "POST"
    contact = Contact.objects.locked_with_survivor(pk) if is_sent else _found(pk)[pk]
    if not contact.merged_into:
        return _parted(request, contact, _("%(name)s is not merged any more.") % {"name": contact})
    # Locked with it, unless it was merged in turn: then there is nothing to undo here.
    survivor = _found(contact.merged_into)[contact.merged_into]
    form = ReasonForm(request.POST if is_sent else None)
    try:
        survivor.require_partable(contact)
        if form.is_valid():
            kept = survivor.part(contact, reason=form.cleaned_data["reason"])
            return _parted(request, contact, _said(contact, survivor, kept))
    except CannotMerge as problem:
        return _refused(request, survivor, contact, problem, 409)
    back, kept = survivor.parting(contact)
    context = {
        "contact": contact,
        "survivor": survivor,
        "form": form,
        "back": [label for name, label in Contact.recoverable().items() if name in back],
        "kept": kept,
    }
    return render(request, "contacts/merge/unmerge.html", context, status=422 if is_sent else 200)


def _found(*pks: UUID) -> dict[UUID, Contact]:
    """Return {id: contact}, merged ones too. Raises ContactGone and Http404."""
    found = Contact.objects.in_bulk(pks)
    for pk in set(pks) - found.keys():
        raise ContactGone(get_object_or_404(DeletedContact, pk=pk))
    return found


def _side_by_side(
    request: HttpRequest, form: MergeForm, status: int, *, is_stale: bool = False
) -> HttpResponse:
    contact, other = form.contact, form.other
    context = {
        "form": form,
        "contact": contact,
        "other": other,
        "is_stale": is_stale,
        "belongings": other.belongings(),
        "opted_out": contact.do_not_contact_at or other.do_not_contact_at,
        "has_portal": other.invitations.filter(state="accepted").exclude(role="team").exists(),
        "until": timezone.now() + timedelta(days=settings.MERGE_UNDO_DAYS),
    }
    return render(request, "contacts/merge/side_by_side.html", context, status=status)


def _merged(request: HttpRequest, contact: Contact, twin: Contact) -> HttpResponse:
    text = _("%(name)s was merged into %(survivor)s.") % {"name": twin, "survivor": contact}
    messages.success(request, text, extra_tags=reverse("contact_unmerge", args=[twin.pk]))
    return SeeOther(contact.get_absolute_url())


def _parted(request: HttpRequest, contact: Contact, text: str) -> HttpResponse:
    messages.success(request, text)
    return SeeOther(contact.get_absolute_url())


def _said(contact: Contact, survivor: Contact, kept: list[str]) -> str:
    names = {"name": contact, "survivor": survivor}
    if not kept:
        return _("%(name)s and %(survivor)s are two contacts again.") % names
    return _(
        "%(name)s and %(survivor)s are two contacts again. Changed since and kept: %(fields)s."
    ) % (names | {"fields": get_text_list(kept, _("and"))})


def _refused(
    request: HttpRequest, contact: Contact, twin: Contact, problem: CannotMerge, status: int
) -> HttpResponse:
    context = {"contact": contact.survivor, "twin": twin, "text": str(problem)}
    return render(request, "contacts/merge/refused.html", context, status=status)
