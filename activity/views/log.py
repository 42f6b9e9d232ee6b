"""The activity log: its list, and what its menus offer."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from accounts.throttling import SEARCHES, spend
from activity.ledger.status import status
from activity.log import LogFilters, choices
from activity.log.chart import chart
from activity.log.chips import chips
from activity.log.filters import GROUPS, SOURCES
from activity.log.paging import LogPage
from activity.log.words import Words
from activity.templatetags.activity import number
from activity.viewing import note_view

MENUS = ("who", "whom")

may_read = permission_required("contacts.view_contact", raise_exception=True)


@require_safe
@may_read
def log(request: HttpRequest) -> HttpResponse:
    """Show a page of the log as the address asks for it.

    That an administrator reads it is itself a record, made at most once an hour.
    """
    filters = LogFilters.read(request.GET, request.user)
    if filters.words and (enough := spend(request, SEARCHES)):
        return enough
    # Whatever is searched for: each letter typed is a request.
    note_view(request, replace(filters, words=filters.words and "*").query)
    page = LogPage.read(
        filters,
        before=number(request.GET.get("before")),
        after=number(request.GET.get("after")),
    )
    proven = status()
    context: dict[str, Any] = {
        "filters": filters,
        "page": page,
        "status": proven,
        "sealed_from": page.sealed_from(proven.up_to_event),
        "chart": chart(filters),
        "chips": chips(filters),
        "groups": [
            (name, group)
            for name, group in GROUPS.items()
            if name != "team" or filters.sees_private
        ],
        "sources": SOURCES,
        "ranges": _ranges(timezone.localdate()),
        "too_many": filters.words and Words.find(filters.words).are_too_many,
        "asked_for": [
            choices.menu(filters, name, request.GET[name])
            for name in MENUS
            if request.GET.get(name, "").strip()
        ],
    }
    response = render(request, "activity/log/page.html", context)
    if request.headers.get("HX-Request"):
        address = reverse("activity_log") + (f"?{filters.query}" if filters else "")
        response.headers["HX-Push-Url"] = address
    return response


@require_GET
@may_read
def menu(request: HttpRequest, name: str) -> HttpResponse:
    """Answer with whom the log can be narrowed to, as far as the name is typed."""
    filters = LogFilters.read(request.GET, request.user)
    offered = choices.menu(filters, name, request.GET.get(name, ""))
    return render(request, "activity/log/_choices.html", offered)


def _ranges(today: date) -> list[tuple[str, date, date]]:
    month = today.replace(day=1)
    before = month - timedelta(1)
    return [
        (_("Today"), today, today),
        (_("Yesterday"), today - timedelta(1), today - timedelta(1)),
        (_("Last 7 days"), today - timedelta(6), today),
        (_("Last 30 days"), today - timedelta(29), today),
        (_("This month"), month, today),
        (_("Last month"), before.replace(day=1), before),
        (_("This year"), today.replace(month=1, day=1), today),
    ]
