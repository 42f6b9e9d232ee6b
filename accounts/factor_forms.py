"""The forms of authenticator apps and recovery codes: allauth's, in Annals' words."""

from typing import Any

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.base import forms as base
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.encryption import Unreadable
from accounts.forms import PasskeyAnswer

LONGEST_CODE = 40  # characters; codes are six or eight digits, typed with blanks perhaps
SAID = {
    "incorrect_code": _("That code is not right, or was used already. Wait for the next one."),
    "too_many_login_attempts": _("Too many tries. Wait five minutes, then try again."),
    "rate_limited": _("Too many tries. Wait five minutes, then try again."),
    "unreadable": _(
        "Your codes cannot be checked any more, as the key of this server has changed. Ask an "
        "administrator to take away your second factors."
    ),
}


class CodeField:
    """Part of a form with a field "code" of allauth's: its words, and what it says is wrong."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        typed = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        self.fields["code"] = forms.CharField(
            label=_("Code"),
            max_length=LONGEST_CODE,
            widget=forms.TextInput({"class": "input lg", **typed}),
        )

    def clean_code(self) -> str:
        """Return the code. Raises ValidationError where it is wrong, used, or one of too many."""
        # allauth forgets that a code was used while it is still good, because of the tolerance
        seconds = app_settings.TOTP_PERIOD * (2 * app_settings.TOTP_TOLERANCE + 1)
        used = f"code:{self.user.pk}:{normalize_user_code(self.cleaned_data['code'])}"
        if cache.get(used):
            raise ValidationError(SAID["incorrect_code"], code="incorrect_code")
        try:
            code = super().clean_code()
        except Unreadable as error:
            raise ValidationError(SAID["unreadable"], code="unreadable") from error
        except ValidationError as error:
            raise ValidationError(SAID.get(error.code, error.message), code=error.code) from error
        cache.set(used, True, seconds)
        return code


class SecondStepForm(CodeField, base.AuthenticateForm):
    """A code of the app or a recovery code, after the password."""


class ConfirmWithCodeForm(CodeField, base.ReauthenticateForm):
    """A code of who is signed in, once more."""


class AddAppForm(CodeField, totp.ActivateTOTPForm):
    """The first code of a new app, which proves that it has the secret."""


class SecondStepPasskeyForm(PasskeyAnswer, webauthn.AuthenticateWebAuthnForm):
    """A passkey after the password."""
