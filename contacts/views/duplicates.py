"""Contacts that may be one person, for somebody to look at."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.models import DuplicatePair
from contacts.views.answers import SeeOther

PAGE = 25
may_merge = permission_required("contacts.merge_contacts", raise_exception=True)


@require_safe
@may_merge
def pairs(request: HttpRequest) -> HttpResponse:
    """List the pairs nobody has judged, the most alike first; or `?dismissed=` those dismissed."""
    is_dismissed = "dismissed" in request.GET
    if is_dismissed:
        rows = list(DuplicatePair.objects.dismissed().select_related("dismissed_by")[: PAGE + 1])
    else:
        rows = list(_after(request.GET.get("after", ""))[: PAGE + 1])
    last = rows[PAGE - 1] if len(rows) > PAGE and not is_dismissed else None
    context = {
        "pairs": rows[:PAGE],
        "is_dismissed": is_dismissed,
        "next": last and f"after={last.score}-{last.pk}",
    }
    return render(request, "contacts/merge/duplicates.html", context)


@require_POST
@may_merge
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that two contacts are two persons; the answer offers to undo it."""
    pair = get_object_or_404(DuplicatePair, pk=pk)
    pair.dismiss(request.user)
    undo = reverse("duplicate_suggest", args=[pk])
    messages.success(request, _("Noted: these are two people."), extra_tags=undo)
    return SeeOther(reverse("contact_duplicates"))


@require_POST
@may_merge
def suggest(request: HttpRequest, pk: int) -> HttpResponse:
    """Suggest a pair again that was dismissed."""
    get_object_or_404(DuplicatePair, pk=pk).suggest()
    messages.success(request, _("They are suggested again."))
    return SeeOther(reverse("contact_duplicates"))


def _after(place: str):
    """Return the open pairs after a place, a score and an id; all where it is none."""
    rows = DuplicatePair.objects.open()
    score, _dash, pk = place.partition("-")
    if not (score.isdecimal() and pk.isdecimal() and len(place) < 19):
        return rows
    return rows.filter(Q(score__lt=int(score)) | Q(score=int(score), id__lt=int(pk)))
