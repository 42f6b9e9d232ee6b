"""Whom a service of the organisation lets in: people whom an administrator has added.

Unless OIDC_CREATES_USERS, and then with OIDC_DEFAULT_ROLE, or without a role. They are found by
their verified address, once; after that by who they are at the service.
"""

import logging
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.signals import user_login_failed
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.models import User

logger = logging.getLogger(__name__)
LONGEST_NAME = 150  # characters


class ServiceAdapter(DefaultSocialAccountAdapter):
    """Finds the account of who comes from the service, and says so where there is none."""

    def get_requests_session(self) -> Any:
        """Return what asks the service."""
        from accounts.service import Requests  # noqa: PLC0415 - only where one is configured

        return Requests()

    def list_apps(self, request: Any, provider: Any = None, client_id: Any = None) -> list[Any]:
        """Return nothing: there is one service, and the database has no say in which."""
        return []

    def get_provider(self, request: Any, provider: Any, client_id: Any = None) -> Any:
        """Return the service of the settings, whatever was asked for."""
        from accounts.service import Service  # noqa: PLC0415 - only where one is configured

        return Service.configured(request)

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: Any) -> Any:
        """Give somebody new the name that the service tells."""
        parts = data.get("name") or f"{data.get('first_name', '')} {data.get('last_name', '')}"
        sociallogin.user.name = " ".join(str(parts).split())[:LONGEST_NAME]
        return sociallogin.user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Connect who comes for the first time with their account, or refuse."""
        if sociallogin.is_existing:
            return
        verified = [each.email for each in sociallogin.email_addresses if each.verified]
        if not verified:
            raise refusal(request, "unverified")
        user = _account(verified[0].lower(), sociallogin.user.name)
        if user is None:
            raise refusal(request, "unknown", verified[0])
        sociallogin.user = user
        if user.is_active:  # allauth answers who is not
            with transaction.atomic():
                sociallogin.connect(request, user)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: Any = None,
    ) -> None:
        """Lead back to the sign-in where somebody changed the mind; else say that it failed."""
        if error == AuthError.CANCELLED:
            messages.info(request, _("You were not signed in."))
            raise ImmediateHttpResponse(redirect("account_login"))
        raise failure(request, exception)


def failure(request: HttpRequest, exception: Exception | None) -> ImmediateHttpResponse:
    """Return the answer to a sign-in that the service did not complete."""
    # no more than its kind: what the service answered may hold a token
    logger.warning("The sign-in service failed: %s", type(exception).__name__)
    user_login_failed.send(sender=__name__, credentials={"method": "service"}, request=request)
    status = 401 if exception is None else 502
    return ImmediateHttpResponse(render(request, "socialaccount/failed.html", status=status))


def refusal(request: HttpRequest, why: str, address: str = "") -> ImmediateHttpResponse:
    """Return the answer to somebody whom the service knows and Annals does not let in."""
    tried = {"method": "service", "email": address}
    user_login_failed.send(sender=__name__, credentials=tried, request=request)
    page = {"why": why, "address": address}
    return ImmediateHttpResponse(render(request, "socialaccount/refused.html", page, status=403))


def _account(address: str, name: str) -> User | None:
    """Return the account of that address; a new one where the settings say so."""
    found = User.objects.filter(email=address).first()
    if found or not settings.OIDC_CREATES_USERS:
        return found
    try:
        with transaction.atomic():
            role = settings.OIDC_DEFAULT_ROLE or None
            return User.objects.create_user(address, None, role, name=name)
    except IntegrityError:  # by another request, just now
        return User.objects.filter(email=address).first()
