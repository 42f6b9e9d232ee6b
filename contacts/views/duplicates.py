"""Contacts that may be one person, for somebody to look at."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.models import DuplicatePair
from contacts.paging import Matches, Order, Page
from contacts.views.answers import SeeOther

PAGE_SIZE = 25
MOST_ALIKE = Order("most alike", "score", descending=True)
LAST_DISMISSED = Order("last dismissed", "dismissed_at", descending=True)
# Not the notes: they count for which of the two is the fuller one.
UNSEEN = ("first__search", "second__search")
may_merge = permission_required("contacts.merge_contacts", raise_exception=True)


@require_safe
@may_merge
def pairs(request: HttpRequest) -> HttpResponse:
    """List the pairs nobody has judged, the most alike first; or `?dismissed=` those dismissed."""
    is_dismissed = "dismissed" in request.GET
    if is_dismissed:
        rows, order = (
            DuplicatePair.objects.dismissed().select_related("dismissed_by"),
            LAST_DISMISSED,
        )
    else:
        rows, order = DuplicatePair.objects.open(), MOST_ALIKE
    shown = Matches(rows.defer(None).defer(*UNSEEN))
    page = Page.of(shown, order, request.GET.get("cursor", ""), PAGE_SIZE)
    context = {"page": page, "is_dismissed": is_dismissed}
    return render(request, "contacts/merge/duplicates.html", context)


@require_POST
@may_merge
@transaction.atomic
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that two contacts are two persons; the answer offers to undo it."""
    _locked(pk).dismiss(request.user)
    undo = reverse("duplicate_suggest", args=[pk])
    messages.success(request, _("Noted: these are two people."), extra_tags=undo)
    return SeeOther(reverse("contact_duplicates"))


@require_POST
@may_merge
@transaction.atomic
def suggest(request: HttpRequest, pk: int) -> HttpResponse:
    """Suggest a pair again that was dismissed."""
    _locked(pk).suggest()
    messages.success(request, _("They are suggested again."))
    return SeeOther(reverse("contact_duplicates"))


def _locked(pk: int) -> DuplicatePair:
    return get_object_or_404(DuplicatePair.objects.select_for_update(), pk=pk)
