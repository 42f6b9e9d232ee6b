"""The first page of the team."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from activity.overview.today import Today, latest
from activity.overview.waiting import KINDS, waiting


@require_safe
@permission_required("contacts.view_contact", raise_exception=True)
def overview(request: HttpRequest) -> HttpResponse:
    """Show what waits for who asks, or with `?for=team` for anybody, and what happened today.

    `?show=` one kind of what waits shows all of it, and nothing else.
    """
    of_team = request.GET.get("for") == "team"
    only = next((kind for kind in KINDS if kind.name == request.GET.get("show")), None)
    context = {
        "of_team": of_team,
        "only": only,
        "unread": 0 if of_team or only else request.user.unread,
        "sections": waiting(
            request.user, whose=None if of_team else request.user, only=only.name if only else ""
        ),
    }
    if only is None:
        context |= {"today": Today.of(request.user), "latest": latest()}
    return render(request, "activity/overview/page.html", context)
