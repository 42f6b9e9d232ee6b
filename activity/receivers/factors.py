"""Turns what people prove themselves with into events, as it comes, is used up, and goes.

Nothing that would let anybody in stands in an event: no secret, no code, no key.
"""

from collections.abc import Sequence
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import receiver

from accounts.changes import closed_address, second_factors_removed
from activity.recording import Draft, write

# What the database asks for by the same names (activity/user_guards.py).
ADDED = {
    "webauthn": "user.passkey_added",
    "totp": "user.totp_enabled",
    "recovery_codes": "user.recovery_codes_made",
}
REMOVED = {
    "webauthn": "user.passkey_removed",
    "totp": "user.totp_disabled",
    "recovery_codes": "user.recovery_codes_removed",
}


@receiver(pre_save, sender=Authenticator)
def look_at_recovery_codes(
    sender: type[Authenticator], instance: Authenticator, update_fields: Any, **kwargs: Any
) -> None:
    """Keep in mind how many recovery codes were used until now."""
    if instance.type == "recovery_codes" and (update_fields is None or "data" in update_fields):
        stored = Authenticator.objects.filter(pk=instance.pk).first()
        instance._used_before = _used(stored) if stored else 0


@receiver(post_save, sender=Authenticator)
def add_factor(
    sender: type[Authenticator], instance: Authenticator, created: bool, **kwargs: Any
) -> None:
    """Note that a user has another passkey, an app or codes; or has a code less."""
    if created:
        _note(ADDED[instance.type], instance.user, _name_of(instance))
    elif "_used_before" in instance.__dict__:
        used = _used(instance)
        if used != instance.__dict__.pop("_used_before"):
            left = app_settings.RECOVERY_CODE_COUNT - used
            _note("user.recovery_code_used", instance.user, {"left": left})


@receiver(post_delete, sender=Authenticator)
def remove_factor(sender: type[Authenticator], instance: Authenticator, **kwargs: Any) -> None:
    """Note that a user has a passkey, an app or codes less."""
    _note(REMOVED[instance.type], instance.user, _name_of(instance))


@receiver(second_factors_removed)
def note_removal(sender: Any, user: Any, removed: Sequence[str], **kwargs: Any) -> None:
    """Note who took away all of them; each has an event of its own besides."""
    _note("user.second_factors_removed", user, {"removed": list(removed)})


@receiver(post_save, sender=SocialAccount)
def connect_service(
    sender: type[SocialAccount], instance: SocialAccount, created: bool, **kwargs: Any
) -> None:
    """Note that a user can sign in through the service from now on."""
    if created:
        _note("user.oidc_connected", instance.user, {"provider": settings.OIDC_NAME})


@receiver(post_delete, sender=SocialAccount)
def remove_service(sender: type[SocialAccount], instance: SocialAccount, **kwargs: Any) -> None:
    """Note that a user can sign in through the service no longer."""
    _note("user.oidc_removed", instance.user, {"provider": settings.OIDC_NAME})


def _used(codes: Authenticator) -> int:
    return int(codes.data["used_mask"]).bit_count()


def _name_of(factor: Authenticator) -> dict[str, Any]:
    return {"passkey": str(factor)} if factor.type == "webauthn" else {}


def _note(verb: str, user: Any, details: dict[str, Any]) -> None:
    closed = user.email == closed_address(user.pk)
    payload = {} if closed else {"name": str(user), **details}
    write([Draft(verb, "user", user.pk, None, payload)])
