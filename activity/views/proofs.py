"""Proofs to take away: of one event, and of the whole log in a checkpoint."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required, permission_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from activity.ledger.bundle import NoSuchSize, NotSealed, bundle, bundle_name
from activity.ledger.proof import ProofError
from activity.models import ActivityEvent, Checkpoint
from activity.reading import may_read_content, may_see
from activity.templatetags.activity import number


@login_not_required
@require_safe
@cache_control(no_cache=True)
def checkpoint(request: HttpRequest) -> HttpResponse:
    """Answer anybody with the log's newest checkpoint, a signed note."""
    newest = Checkpoint.objects.order_by("-epoch", "-size").first()
    if newest is None:
        raise Http404
    return HttpResponse(newest.note, content_type="text/plain; charset=utf-8")


@require_safe
@permission_required("contacts.view_contact", raise_exception=True)
def event_proof(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Answer with the bundle that proves an event; since a size of the log with `?since=`."""
    event = get_object_or_404(ActivityEvent, uid=uid)
    if not may_see(event, request.user):
        raise PermissionDenied
    since = request.GET.get("since")
    try:
        zipped = bundle(
            event,
            [] if since is None else [number(since) or 0],
            with_content=may_read_content(event, request.user),
        )
    except NotSealed:
        why = _("It is not sealed yet, which takes some seconds. Try again in a minute.")
        return _no_proof(request, event, why, status=409)
    except NoSuchSize:
        why = _(
            "The log never had the size that was asked for. Take it from the second line of the "
            "checkpoint that you have."
        )
        return _no_proof(request, event, why, status=422)
    except ProofError:
        why = _(
            "What is stored is not what was sealed. Tell an administrator: verify_ledger says "
            "what has changed."
        )
        return _no_proof(request, event, why, status=409)
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="{bundle_name(event)}"',
    }
    return HttpResponse(zipped, content_type="application/zip", headers=headers)


def _no_proof(request: HttpRequest, event: ActivityEvent, why: str, *, status: int) -> HttpResponse:
    context = {"event": event, "why": why}
    return render(request, "activity/no_proof.html", context, status=status)
