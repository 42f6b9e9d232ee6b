"""Sudo mode: who is about to do what cannot be taken back was there a moment ago.

A session may have been left open, or taken away. Before deleting, exporting, changing users and
keys, Annals wants to have seen the password, a passkey or a code within SUDO_MINUTES. Signing in
counts. What was sent too late is kept, and offered again once it was confirmed.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.signals import authentication_step_completed
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts import leading, unsent

CONFIRMED_AT = "confirmed_at"  # in the session: seconds since 1970
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def confirmed_lately(request: HttpRequest) -> bool:
    """Tell whether who asks has signed in, or confirmed it, within SUDO_MINUTES.

    No longer once the server's clock was set back behind that moment.
    """
    age = time.time() - request.session.get(CONFIRMED_AT, 0)
    return 0 <= age < settings.SUDO_MINUTES * 60


def sudo_required(
    view: Callable | None = None, *, reading: bool = False, label: Any = ""
) -> Callable:
    """Have a view ask for a confirmation before it changes anything.

    With `reading`, also before a GET: of files that leave the house. `label` is that of the button
    with which the same is offered again. Put it below the decorators
    that refuse (nobody confirms what is refused afterwards), and above `transaction.atomic`.
    """

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if (reading or request.method not in SAFE) and not confirmed_lately(request):
                return ask(request, label)
            return view(request, *args, **kwargs)

        return asking

    return decorate(view) if view else decorate


def ask(request: HttpRequest, label: Any = "") -> HttpResponse:
    """Lead to the page that asks for the confirmation, and from there back to what was meant.

    `label` says what that is, on the button that then does it.
    """
    page = leading.page_of(request)
    to = unsent.keep(request, page, unsent.UNCONFIRMED, str(label)) or page
    address = f"{reverse('account_reauthenticate')}?{urlencode({'next': to})}"
    return leading.led_to(request, address)


@receiver(user_logged_in)
def note_sign_in(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Note when somebody signed in."""
    request.session[CONFIRMED_AT] = time.time()


@receiver(authentication_step_completed)
def note_confirmation(
    sender: Any, request: HttpRequest, reauthenticated: bool = False, **kwargs: Any
) -> None:
    """Note when somebody who is signed in gave a password, passkey or code again."""
    if reauthenticated:
        request.session[CONFIRMED_AT] = time.time()
