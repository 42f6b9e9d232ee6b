"""Notes who signs in and out, and where somebody fails to.

What was typed is never kept: people type passwords into the wrong field. Nor can anybody fill the
log by failing: of the tries within an hour at one user, or at addresses that are nobody's, the
first, second, fourth, eighth and so on are noted, each with how many there were. A thousand tries
are ten events.
"""

import time
from dataclasses import replace
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.changes import password_link_sent
from accounts.sessions import sessions_ended
from activity.context import current
from activity.recording import Draft, write

HOUR = 3600  # seconds
# What Django and allauth call them -> what the log does.
METHODS = {"password": "password", "socialaccount": "service"}
INVITATIONS = {"invitation", "invitation_waiting"}  # pages on which a new account signs in


@receiver(user_logged_in)
def sign_in(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Note that somebody signed in, and how."""
    context = replace(current(), actor=user)  # until now nobody was signed in
    payload = {"name": str(user), **_method(request, user)}
    write([Draft("user.signed_in", "user", user.pk, None, payload, context=context)])


@receiver(user_logged_out)
def sign_out(sender: Any, user: Any, **kwargs: Any) -> None:
    """Note that somebody signed out."""
    if user is not None:
        write([Draft("user.signed_out", "user", user.pk, None, {"name": str(user)})])


@receiver(sessions_ended)
def end_sessions(sender: Any, user: Any, count: int, **kwargs: Any) -> None:
    """Note that sessions were ended from elsewhere, by their owner or by an administrator."""
    payload = {"name": str(user), "sessions": count}
    write([Draft("user.sessions_ended", "user", user.pk, None, payload)])


@receiver(password_link_sent)
def send_link(sender: Any, user: Any, **kwargs: Any) -> None:
    """Note that an administrator had a link sent by which somebody sets a password."""
    write([Draft("user.link_sent", "user", user.pk, None, {"name": str(user)})])


@receiver(user_login_failed)
def fail_to_sign_in(sender: Any, credentials: dict[str, Any], **kwargs: Any) -> None:
    """Note some of the tries that failed (see the module's docstring), and whose address it was."""
    typed = str(credentials.get("email") or credentials.get("username") or "").strip().lower()
    users = get_user_model().objects
    user = users.filter(email=typed).first() if typed.isprintable() else None
    whom = str(user.pk) if user else "nobody"
    hour = _hour()
    tries = _count(f"sign-in-failed:{whom}:{hour}")
    if tries & (tries - 1):
        return  # no power of two
    method = credentials.get("method", "password")
    payload = {"name": str(user) if user else "", "method": method, "tries": tries}
    dedup_key = f"user.sign_in_failed:{whom}:{hour}:{tries}"
    draft = Draft("user.sign_in_failed", "user", user and user.pk, None, payload, dedup_key)
    try:
        with transaction.atomic():
            write([draft])
    except IntegrityError:  # noted before the cache lost count
        pass


def _hour() -> int:
    """Return the number of the clock's present hour."""
    return int(time.time()) // HOUR


def _count(key: str) -> int:
    cache.add(key, 0, HOUR)
    try:
        return cache.incr(key)
    except ValueError:  # let go of just now
        return 1


def _method(request: HttpRequest, user: Any) -> dict[str, str]:
    """Return how a user signs in, as `method`: password, passkey, service, invitation.

    `second` is the type of the factor that came after it. A method is empty where it is unknown.
    allauth's newest records say it. A new account has none: it comes from its invitation.
    """
    records = get_authentication_records(request, user)
    if not records:
        return {"method": "invitation" if current().route in INVITATIONS else ""}
    last = records[-1]
    if last["method"] != "mfa":
        return {"method": METHODS.get(last["method"], "")}
    if last.get("passwordless"):
        return {"method": "passkey"}
    first = next((r["method"] for r in reversed(records) if r["method"] != "mfa"), "")
    return {"method": METHODS.get(first, ""), "second": last["type"]}
