"""What somebody sent without JavaScript who was signed out: kept until they are back.

The fields wait in the cache, for an hour and at an address that nobody guesses. They are shown to
nobody but who was signed in at that browser last, whom a signed cookie names.
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


def keep(request: HttpRequest, page: str) -> str:
    """Keep the fields of a form that came without a session; `page` is where it was filled in.

    Returns the address that shows them after the sign-in; nothing where none is worth keeping, or
    nobody knows whose they are.
    """
    whose = request.get_signed_cookie(COOKIE, "", salt=COOKIE)
    fields = {name: texts for name, texts in request.POST.lists() if name not in NOT_KEPT}
    length = sum(len(text) for texts in fields.values() for text in texts)
    private = any("password" in name for name in fields)
    if not whose or private or not 0 < length <= MOST_CHARACTERS:
        return ""
    key = uuid4()
    kept = {
        "whose": whose,
        "action": request.get_full_path(),
        "page": page,
        "fields": fields,
        "had_files": bool(request.FILES),
    }
    cache.set(_name(key), kept, KEPT_SECONDS)
    return reverse("unsent", args=[key])


def find(key: UUID, user: Any) -> dict[str, Any] | None:
    """Return what waits there for that user: action, page, fields and had_files. None: nothing."""
    kept = cache.get(_name(key))
    return kept if kept and kept["whose"] == str(user.pk) else None


def _name(key: UUID) -> str:
    return f"unsent:{key}"
