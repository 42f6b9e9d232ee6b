"""One entry of the log with all that is recorded of it, and what it means to be verified."""

from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from activity.catalogue import PRIVATE
from activity.history.details import details
from activity.ledger.status import status
from activity.log.paging import attach_names
from activity.log.standing import standing_of
from activity.models import ActivityEvent, ActivityOrigin, Anchor, Epoch, LedgerKey
from activity.reading import may_read_content, may_see
from activity.viewing import note_view

SEES_ALL = "activity.view_activityevent"

may_read = permission_required("contacts.view_contact", raise_exception=True)


@require_safe
@may_read
def entry(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Show an entry's full record, where it stands in the signed log, and whether it verifies."""
    event = get_object_or_404(ActivityEvent, uid=uid)
    sees_all = request.user.has_perm(SEES_ALL)
    if not may_see(event, request.user):
        raise PermissionDenied
    note_view(request, f"entry={event.pk}")
    attach_names([event])
    around = ActivityEvent.objects.only("uid")
    if not sees_all:
        around = around.exclude(verb__in=PRIVATE)
    context = {
        "event": event,
        "details": details(event),
        "has_before": any(change["old"] for change in event.changes),
        "is_hidden": not may_read_content(event, request.user),
        "origin": ActivityOrigin.objects.filter(pk=event.origin_id).first(),
        "sees_all": sees_all,
        "standing": standing_of(event),
        "erasure": _one(around, event.erased_by),
        "older": around.filter(id__lt=event.pk).order_by("-id").first(),
        "newer": around.filter(id__gt=event.pk).order_by("id").first(),
    }
    return render(request, "activity/log/entry.html", context)


@require_safe
@may_read
def verified(request: HttpRequest) -> HttpResponse:
    """Explain in plain words how far the log is proven, against what, and how to check it."""
    context = {
        "status": status(),
        "epochs": Epoch.objects.order_by("-number"),
        "keys": LedgerKey.objects.order_by("-epoch", "-from_size"),
        "anchors": Anchor.objects.order_by("-id")[:5],
    }
    return render(request, "activity/log/verified.html", context)


def _one(events: QuerySet, pk: int | None) -> ActivityEvent | None:
    return events.defer(None).filter(pk=pk).first() if pk else None
