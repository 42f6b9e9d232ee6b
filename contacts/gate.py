"""Keeps those who have a portal, and no role in the team, to that portal.

Whatever they ask for beyond it answers 404 in the portal's own frame, also what nobody has thought
of yet: a view is closed to them unless it says otherwise.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from contacts.models import Invitation
from contacts.views.answers import refusal

# What belongs to any account: its password and passkeys.
OF_ACCOUNTS = frozenset(
    {
        "account_change_password",
        "account_reauthenticate",
        "account_set_password",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_deactivate_totp",
        "mfa_download_recovery_codes",
        "mfa_edit_webauthn",
        "mfa_generate_recovery_codes",
        "mfa_index",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_remove_webauthn",
        "mfa_view_recovery_codes",
        "second_factor_required",
        "service_disconnect",
        "session_end",
        "sessions_end",
        "sign_in_anew",
        "unsent",
    }
)
# Pages of the team that have a counterpart in the portal.
INSTEAD = {"home": "portal", "help": "portal_help", "preferences": "portal_preferences"}


def open_to_portal(view: Callable) -> Callable:
    """Mark a view that those may see who have a portal only. It checks whose portal it is."""
    view.open_to_portal = True
    return view


class PortalGateMiddleware:
    """Answers 404 where somebody without a role asks for what is not of the portal.

    Whoever has neither a role nor a portal goes on to be told so by the page. `request.frame`
    returns the template in whose frame a page is shown that both kinds of people may see.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        request.frame = partial(_frame, request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Answer in place of a view that is closed to who asks; None where it is open."""
        if not request.user.is_authenticated or _is_open(request, view):
            return None
        if _is_of_the_team(request):
            return None
        if not Invitation.objects.giving_access(request.user).exists():
            return ended(request)
        instead = INSTEAD.get(request.resolver_match.view_name)
        if instead and request.method in {"GET", "HEAD"}:
            return redirect(instead)
        return _nothing(request)


def _is_open(request: HttpRequest, view: Callable) -> bool:
    """Tell whether a view is for everybody, for portals, or a part of any account."""
    return (
        not getattr(view, "login_required", True)
        or getattr(view, "open_to_portal", False)
        or request.resolver_match.view_name in OF_ACCOUNTS
    )


def _is_of_the_team(request: HttpRequest) -> bool:
    return request.user.has_perm("contacts.view_contact")


def _frame(request: HttpRequest) -> str:
    user = request.user
    if not user.is_authenticated or getattr(user, "owes_second_factor", False):
        return "public.html"
    if _is_of_the_team(request):
        return "desk.html"
    portals = Invitation.objects.giving_access(request.user)
    return "portal/frame.html" if portals.exists() else "public.html"


def ended(request: HttpRequest) -> HttpResponse | None:
    """Answer somebody whose portal was closed; None where there never was one."""
    if not Invitation.objects.filter(account=request.user).exists():
        return None
    return render(request, "portal/ended.html", status=403)


def _nothing(request: HttpRequest) -> HttpResponse:
    if request.htmx:
        return refusal(_("There is nothing at this address."), 404)
    return render(request, "portal/nothing.html", status=404)
