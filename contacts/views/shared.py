"""The page of a share's link, for whoever holds it. See personal_link.

GET changes nothing and counts nothing: mail programs and scanners follow links. All that opens
nothing, for whatever reason, gets the same answer after the same one look at the index.
"""

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from contacts.models import ContactGone, Link, Share
from contacts.views.card import answer
from contacts.views.personal import personal_link, posts_too_often

SEEN = "seen"  # the cookie, for the link's path only
SEEN_SECONDS = 24 * 3600


@require_safe
@personal_link
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """Show what was shared, with the values it had then."""
    share = _open(Link.find(token))
    if share is None:
        return _closed(request)
    context = {"share": share, "token": token, "counts": _counts(request)}
    return render(request, "shares/shared.html", context)


@require_safe
@personal_link
def card(request: HttpRequest, token: str) -> HttpResponse:
    """Send the same as a vCard."""
    share = _open(Link.find(token))
    if share is None or not share.disclosed:
        return _closed(request)
    return answer(share.told)


@require_POST
@personal_link
@transaction.atomic
def opened(request: HttpRequest, token: str) -> HttpResponse:
    """Count a visit of a person: the page says so when somebody moves, types or touches.

    Once a day in one browser, and never for the team.
    """
    link = None if posts_too_often(request) else Link.find(token)
    if link and _open(link) and _counts(request):
        count(link)
    response = HttpResponse()
    response.set_cookie(
        SEEN,
        "1",
        max_age=SEEN_SECONDS,
        path=request.path.removesuffix("opened"),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


def _open(link: Link | None) -> Share | None:
    share = link.share if link else None
    return share if share and share.has_living_link else None


def _counts(request: HttpRequest) -> bool:
    """Tell whether a visit would be counted."""
    is_team = request.user.has_perm("contacts.view_contact")
    return not (is_team or SEEN in request.COOKIES)


def count(link: Link) -> None:
    """Count a visit, unless the contact was deleted since the link was found."""
    try:
        share = Share.objects.locked(link.share_id)
    except (ContactGone, Http404):
        return
    share.visited(link.recipient)


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "shares/closed.html", status=404)
