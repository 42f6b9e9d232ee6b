"""The forms of sign-in and preferences: allauth's, in Annals' words, and our own."""

import zoneinfo
from collections import defaultdict
from typing import Any

from allauth.account import forms as allauth
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from fido2.webauthn import AuthenticationResponse

from accounts import passkeys
from accounts.models import User
from accounts.passwords import bound

REGIONS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


LARGE = {"class": "input lg"}  # on pages that hold nothing but a form


class SignInForm(allauth.LoginForm):
    """Email and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Email")
        self.fields["login"].widget = forms.EmailInput(LARGE | {"autocomplete": "username"})
        self.fields["password"].widget.attrs = LARGE | {"autocomplete": "current-password"}
        self.fields["password"].help_text = ""
        bound(self.fields["password"])
        self.fields["remember"].label = _("Keep me signed in on this device")


class ForgottenPasswordForm(allauth.ResetPasswordForm):
    """The address to which the link goes."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("Email")
        self.fields["email"].widget = forms.EmailInput(LARGE | {"autocomplete": "username"})


class NewPasswordForm(allauth.ResetPasswordKeyForm):
    """A new password for who followed the link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _describe_new_password(self.fields, LARGE)


class ChangePasswordForm(allauth.ChangePasswordForm):
    """A new password for who knows the present one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")
        self.fields["oldpassword"].widget.attrs = {"autocomplete": "current-password"}
        self.fields["oldpassword"].help_text = ""
        bound(self.fields["oldpassword"])
        _describe_new_password(self.fields, {})


def _describe_new_password(fields: dict[str, forms.Field], attrs: dict[str, str]) -> None:
    fields["password1"].label = _("New password")
    fields["password1"].help_text = _(
        "At least 8 characters, not only digits, not a common password."
    )
    fields["password2"].label = _("New password, again")
    for name in ("password1", "password2"):
        fields[name].widget.attrs = attrs | {"autocomplete": "new-password"}
        bound(fields[name])


class ConfirmForm(allauth.ReauthenticateForm):
    """The password of who is signed in, once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].widget.attrs = {"autocomplete": "current-password"}
        self.fields["password"].help_text = ""
        bound(self.fields["password"])


class CredentialField(forms.JSONField):
    """What a browser answers with a passkey. Whatever can't be read is a wrong answer, no error.

    JSON may be nested deeper than Python reads it, and hold numbers longer than it takes.
    """

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        """Return what it says. Raises ValidationError."""
        try:
            return super().to_python(value)
        except (RecursionError, ValueError) as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what the form shows again: nothing, as nobody answers twice with the same."""
        return None


class PasskeyAnswer(forms.Form):
    """Part of a form of allauth's that takes what a browser answers with a passkey."""

    credential = CredentialField()

    def clean_credential(self) -> Authenticator:
        """Return the passkey. Raises ValidationError for any nonsense as for a wrong key."""
        passkeys.parse(AuthenticationResponse, self.cleaned_data["credential"])
        return super().clean_credential()


class PasskeySignInForm(PasskeyAnswer, webauthn.LoginWebAuthnForm):
    """A passkey of somebody who is about to sign in."""


class PasskeyConfirmForm(PasskeyAnswer, webauthn.ReauthenticateWebAuthnForm):
    """A passkey of who is signed in."""


class PasskeyNameForm(webauthn.EditWebAuthnForm):
    """What a passkey is called in the list."""

    name = forms.CharField(
        label=_("Name"),
        max_length=60,
        help_text=_("Say where it is kept, such as “Work laptop” or “Blue security key”."),
    )


class PreferencesForm(forms.ModelForm):
    """What a user decides about the own account."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("Days and times are shown in this zone.")
    )

    class Meta:
        model = User
        fields: tuple[str, ...] = ("name", "time_zone", "language", "theme")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = time_zones(self.instance.time_zone)
        self.fields["name"].widget.attrs["autocomplete"] = "name"


class TeamPreferencesForm(PreferencesForm):
    """What a member of the team decides besides: the portal has neither keys nor an inbox."""

    class Meta(PreferencesForm.Meta):
        fields = (*PreferencesForm.Meta.fields, "shortcuts", "digest")


def time_zones(chosen: str = "UTC") -> list[tuple[str, Any]]:
    """Return the choices of a time zone, the cities of each continent in a group of their own.

    `chosen` is offered even where it is an old alias, such as "US/Eastern".
    """
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in sorted(zoneinfo.available_timezones()):
        region, _slash, city = name.partition("/")
        if region in REGIONS:
            groups[region].append((name, city.replace("_", " ").replace("/", ", ")))
    others = {"UTC", chosen} if chosen.partition("/")[0] not in REGIONS else {"UTC"}
    return [*((name, name) for name in sorted(others)), *groups.items()]
