"""How Annals differs from allauth's defaults."""

import logging
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import notices, sudo
from accounts.origin import client_address

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """People join by invitation, links lead to SITE_URL, messages say what to do next."""

    error_messages: ClassVar = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("That email and password don’t match."),
        "too_many_login_attempts": _(
            "Too many tries. Wait five minutes, or reset your password to sign in at once."
        ),
        "enter_current_password": _("That is not your current password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Keep sign-up closed."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address for which tries are counted."""
        return client_address(request) or "local"

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the link of a reset mail, at SITE_URL whatever Host the request named."""
        path = reverse("account_reset_password_from_key", args=["UID", "KEY"])
        return settings.SITE_URL + path.replace("UID-KEY", key)

    def get_login_stages(self) -> list[str]:
        """Return what follows a password: a second step, for those of whom it is asked."""
        ours = {"allauth.mfa.stages.AuthenticateStage": "accounts.second_step.SecondStep"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask before other keys are made, under the same rule as elsewhere (accounts.sudo).

        allauth would ask nothing of those who have neither password nor passkey.
        """
        if not sudo.confirmed_lately(self.request):
            raise ReauthenticationRequired
        return False

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Return how somebody can confirm who it is: who has no key of ours signs in anew."""
        methods = super().get_reauthentication_methods(user)
        if not methods and user.is_authenticated:
            methods = [{"id": "anew", "description": "", "url": reverse("sign_in_anew")}]
        return methods

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return where a changed password leads: back to where its link is."""
        return reverse("preferences")

    def render_mail(
        self, template_prefix: str, email: Any, context: dict[str, Any], headers: Any = None
    ) -> EmailMessage:
        """Return a mail that knows what this installation is called."""
        return super().render_mail(template_prefix, email, context | _site(), headers)

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: Any = None, email: Any = None
    ) -> None:
        """Have a user told of a change, by our own mail and without waiting for the server."""
        notices.tell(user, template_prefix)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail; where no server takes it, answer 503 and say so."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:
            logger.exception("A mail about an account could not be sent.")
            page = render(self.request, "account/mail_not_sent.html", status=503)
            raise ImmediateHttpResponse(page) from error


def _site() -> dict[str, Any]:
    """Return what templates say about this installation; mails have no request to read it from."""
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "support_email": settings.SUPPORT_EMAIL,
        "reset_days": settings.PASSWORD_RESET_TIMEOUT // 86_400,
    }
