"""Mails that tell people what has changed about the ways into their account.

Workers send them, so that nobody waits for a mail server, and again where it does not take them:
rather twice than never. Without the queue they leave at once.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from allauth.account.adapter import get_adapter
from allauth.core import context
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from kombu.exceptions import OperationalError

from accounts.changes import UserChange, second_factors_removed, users_changed
from accounts.devices import in_words
from accounts.models import User

logger = logging.getLogger(__name__)
TASK = "accounts.tasks.send_notice"
ADDRESS_CHANGED = "address_changed"
FACTORS_REMOVED = "factors_removed"
# What people do themselves, by the names of allauth's templates.
OWN = {
    "account/email/password_changed": _("Your password was changed"),
    "account/email/password_reset": _("A new password was set, with a link from a mail"),
    "mfa/email/totp_activated": _("An authenticator app was added to your account"),
    "mfa/email/totp_deactivated": _("The authenticator app was removed from your account"),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made for your account"),
    "mfa/email/webauthn_added": _("A passkey was added to your account"),
    "mfa/email/webauthn_removed": _("A passkey was removed from your account"),
    "socialaccount/email/account_connected": _("You can sign in with %(service)s now"),
    "socialaccount/email/account_disconnected": _("You can no longer sign in with %(service)s"),
}
# What administrators do.
OTHERS = {
    ADDRESS_CHANGED: _("Your account has another email address now"),
    FACTORS_REMOVED: _("Your second factors were taken away"),
}
CHANGES = OWN | OTHERS


def tell(user: Any, change: str, to: str = "") -> None:
    """Have a user told of a change, one of CHANGES, once it is committed.

    `to` is an address to write to in place of the user's own.
    """
    told = {"user_id": str(user.pk), "change": change, "at": timezone.now().isoformat(), "to": to}
    if change in OWN and context.request:
        with translation.override(user.language):
            told["device"] = in_words(context.request.headers.get("User-Agent", ""))
    transaction.on_commit(lambda: _hand_over(told), robust=True)


def send(user_id: str, change: str, at: str, to: str = "", device: str = "") -> None:
    """Send the mail. Raises OSError where it was not taken.

    `at` is the moment of the change in ISO 8601, `device` on which the user did it, in words.
    """
    user = User.objects.get(pk=user_id)
    with translation.override(user.language), timezone.override(ZoneInfo(user.time_zone)):
        page = {
            "user": user,
            "change": CHANGES[change] % {"service": settings.OIDC_NAME},
            "at": datetime.fromisoformat(at),
            "device": device,
            "is_own": change in OWN,
            "reset": settings.SITE_URL + reverse("account_reset_password"),
            "preferences": settings.SITE_URL + reverse("preferences"),
        }
        headers = {"Auto-Submitted": "auto-generated"}
        mail = get_adapter().render_mail("account/email/changed", to or user.email, page, headers)
    mail.send()


@receiver(users_changed)
def tell_old_address(sender: Any, changes: Sequence[UserChange], **kwargs: Any) -> None:
    """Tell the address that an account had that it has another one."""
    for change in changes:
        if change.before and change.differs("email") and not change.closes:
            user = User.objects.get(pk=change.user_id)
            tell(user, ADDRESS_CHANGED, to=change.before["email"])


@receiver(second_factors_removed)
def tell_of_removal(sender: Any, user: Any, **kwargs: Any) -> None:
    """Tell somebody that an administrator has taken away all second factors."""
    tell(user, FACTORS_REMOVED)


def _hand_over(told: dict[str, Any]) -> None:
    try:
        current_app.send_task(TASK, kwargs=told)
    except OperationalError:
        try:
            send(**told)
        except OSError:
            logger.exception("User %s could not be told that %s", told["user_id"], told["change"])
