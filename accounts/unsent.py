"""What somebody sent who was signed out, or first had to confirm who it is: kept meanwhile.

The fields wait in the cache, for an hour and at an address that nobody guesses. They are shown to
nobody but who sent them: who is signed in, or was at that browser last, whom a signed cookie names.
"""

from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

COOKIE = "whose"
COOKIE_SECONDS = 60 * 60 * 24 * 365
KEPT_SECONDS = 60 * 60
MOST_CHARACTERS = 100_000  # of all fields together
NOT_KEPT = frozenset({"csrfmiddlewaretoken"})
# Why something was not sent.
SIGNED_OUT = "signed out"
UNCONFIRMED = "unconfirmed"
TOO_OFTEN = "too often"


def remember(request: HttpRequest, response: HttpResponse) -> None:
    """Have the browser know whose it is, for the time after the session."""
    whose = f"{request.user.pk}"
    # a cookie that was tampered with is found out where it is read
    if not request.COOKIES.get(COOKIE, "").startswith(f"{whose}:"):
        response.set_signed_cookie(
            COOKIE,
            whose,
            salt=COOKIE,
            max_age=COOKIE_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def keep(request: HttpRequest, page: str, why: str = SIGNED_OUT, label: str = "") -> str:
    """Keep what was sent: the fields of a form, or which link was followed; `page` is where.

    `label` is that of the button that sends it again, where it says more than that.
    Returns the address that shows it once that is possible; nothing where it is not worth keeping,
    or nobody knows whose it is.
    """
    signed_in = request.user.is_authenticated
    whose = request.get_signed_cookie(COOKIE, "", salt=COOKIE)
    if signed_in:
        whose = str(request.user.pk)
    fields = {name: texts for name, texts in request.POST.lists() if name not in NOT_KEPT}
    length = sum(len(text) for texts in fields.values() for text in texts)
    private = any("password" in name for name in fields)
    empty = length == 0 and not signed_in
    if not whose or private or empty or length > MOST_CHARACTERS:
        return ""
    key = uuid4()
    kept = {
        "whose": whose,
        "why": why,
        "label": label,
        "is_link": request.method != "POST",
        "action": request.get_full_path(),
        "page": page,
        "fields": fields,
        "had_files": bool(request.FILES),
    }
    cache.set(_name(key), kept, KEPT_SECONDS)
    return reverse("unsent", args=[key])


def find(key: UUID, user: Any) -> dict[str, Any] | None:
    """Return what waits there for that user, as `keep` put it together; None where nothing does."""
    kept = cache.get(_name(key))
    return kept if kept and kept["whose"] == str(user.pk) else None


def _name(key: UUID) -> str:
    return f"unsent:{key}"
