"""Who proves more than a password: by choice, with an authenticator app, or because a role asks.

- Who has an app types its code after the password, or a recovery code, or uses a passkey.
- A passkey alone is both: something one has, and a finger, face or PIN.
- Who has only passkeys may use the password instead of them, and needs no second step for that;
  unless a role of MFA_REQUIRED_ROLES asks for one: then the passkey comes after the password, too.
- Who has such a role and neither app nor passkey is let nowhere but where one is set up.
"""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.webauthn.internal.flows import did_use_passwordless_login
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts import leading, unsent
from accounts.roles import Role
from accounts.user_query import read_along

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# Read along with whoever is signed in, so that it costs no query and holds with the next request.
OWES = """(
        EXISTS (
            SELECT FROM accounts_user_groups JOIN auth_group ON auth_group.id = group_id
            WHERE user_id = accounts_user.id AND auth_group.name IN ({roles})
        ) AND NOT EXISTS (
            SELECT FROM mfa_authenticator
            WHERE user_id = accounts_user.id AND type IN ('totp', 'webauthn')
        )
    )"""
# Pages for those who owe a second factor: adding one, proving who they are, and leaving.
OPEN = frozenset(
    {
        "account_logout",
        "account_reauthenticate",
        "account_set_password",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_download_recovery_codes",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_view_recovery_codes",
        "second_factor_required",
        "sign_in_anew",
    }
)


def require_of(roles: Iterable[str]) -> None:
    """Have each request know whether who makes it owes a second factor, as one of these roles.

    Raises ImproperlyConfigured where there is no role of that name.
    """
    if unknown := set(roles) - set(Role.values):
        names = ", ".join(sorted(unknown))
        raise ImproperlyConfigured(
            f"MFA_REQUIRED_ROLES names {names}; the roles are {', '.join(Role.values)}."
        )
    if roles:
        names = ", ".join(f"'{Role(role)}'" for role in sorted(roles))
        read_along("owes_second_factor", OWES.format(roles=names))


def is_required_of(user: Any) -> bool:
    """Tell whether the user's role asks for a second factor."""
    return user.role in settings.MFA_REQUIRED_ROLES


def factors_of(user: Any) -> QuerySet[Authenticator]:
    """Return the apps and passkeys of a user."""
    return Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS)


def is_asked_of(user: Any) -> bool:
    """Tell whether a password alone does not let the user in."""
    held = set(factors_of(user).values_list("type", flat=True))
    return "totp" in held or (bool(held) and is_required_of(user))


class SecondStep(AuthenticateStage):
    """Comes after the password, or after a sign-in service."""

    def _should_handle(self, request: HttpRequest) -> bool:
        user = self.login.user
        return is_asked_of(user) and not did_use_passwordless_login(request, user)


class SecondFactorMiddleware:
    """Leads those who owe a second factor to the page that says why, whatever they ask for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Answer in place of the view; None where the user owes nothing, or the page is open."""
        if not getattr(request.user, "owes_second_factor", False):
            return None
        is_public = not getattr(view, "login_required", True)
        if is_public or request.resolver_match.view_name in OPEN:
            return None
        page = leading.page_to_show(request)
        if request.method == "POST":
            page = unsent.keep(request, page, unsent.UNCONFIRMED) or page
        address = f"{reverse('second_factor_required')}?{urlencode({'next': page})}"
        return leading.led_to(request, address)
