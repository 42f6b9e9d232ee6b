"""How passkeys, authenticator apps and recovery codes of Annals differ from allauth's defaults."""

from typing import Any, ClassVar

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import encryption, passkeys, second_step


class FactorAdapter(DefaultMFAAdapter):
    """Passkeys belong to SITE_URL, whatever Host a request names; secrets are kept encrypted."""

    error_messages: ClassVar = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("That passkey did not work here. Try again, or use your password."),
        "cannot_delete_authenticator": _(
            "Your role asks for a second factor, and this is your only one. Add another one first."
        ),
        "cannot_generate_recovery_codes": _(
            "Recovery codes stand in for an authenticator app. Add one first."
        ),
    }

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return the domain that passkeys are made for, and the name that devices show."""
        return {"id": passkeys.relying_party(), "name": settings.SITE_NAME}

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """Return what a new passkey is called until its owner renames it."""
        held = passkeys.of(user).count()
        return gettext("Passkey %(number)d") % {"number": held + 1} if held else gettext("Passkey")

    def get_totp_issuer(self) -> str:
        """Return the name under which apps list the account."""
        return settings.SITE_NAME

    def encrypt(self, text: str) -> str:
        """Return a secret as it is stored."""
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return a stored secret. Raises encryption.Unreadable."""
        return encryption.decrypt(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Tell whether its owner may do without it: nobody removes the one that a role asks for."""
        user = authenticator.user
        others = second_step.factors_of(user).exclude(pk=authenticator.pk)
        return not second_step.is_required_of(user) or others.exists()
