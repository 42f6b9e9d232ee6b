"""Forms of invitations: the team's, and the recipient's."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from accounts.models import User
from accounts.passwords import bound
from contacts.forms.acting import ProseField
from contacts.forms.fields import LineField
from contacts.models import Contact, Invitation
from contacts.values import EMAIL_MAX_LENGTH, read_email


class InvitationForm(forms.Form):
    """An invitation. `id` is the id its row will have, so that sending it twice makes one."""

    id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)
    email = LineField(
        label=_("Email"),
        read=read_email,
        widget=forms.EmailInput({"autocomplete": "off", "maxlength": EMAIL_MAX_LENGTH}),
        error_messages={"required": _("Enter the address to which the invitation goes.")},
    )
    save_email = forms.BooleanField(
        label=_("Save this address to the contact, if it is new there"), required=False
    )
    role = forms.ChoiceField(
        choices=Invitation.Role.choices,
        error_messages={
            "required": _("Choose what the invitation is for."),
            "invalid_choice": _("Choose what the invitation is for."),
        },
    )
    note = ProseField(
        label=_("Note, if you like"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea({"rows": 3}),
        error_messages={
            "max_length": _("That is %(show_value)d characters; a note can have %(limit_value)d.")
        },
    )

    @classmethod
    def blank(cls, contact: Contact) -> "InvitationForm":
        """Return the form as it is opened: for the primary address, which it offers to keep."""
        return cls(
            initial={
                "email": contact.email,
                "save_email": not contact.emails,
                "role": Invitation.Role.CLIENT,
            }
        )


class AcceptForm(forms.Form):
    """Who accepts an invitation: a name, and a password unless there is a passkey."""

    name = LineField(
        label=_("Your name"),
        max_length=150,
        widget=forms.TextInput({"class": "input lg", "autocomplete": "name"}),
        error_messages={"required": _("Enter your name: this is how the team sees you.")},
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        required=False,
        widget=forms.PasswordInput({"class": "input lg", "autocomplete": "new-password"}),
        help_text=_("At least 8 characters, not only digits, not a common password."),
    )
    credential = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bound(self.fields["password"])
        self.invitation = invitation
        self.initial.setdefault("name", invitation.contact.name)

    def clean_password(self) -> str:
        """Return the password. Refuses one that is easy to guess, for this person or for any."""
        password = self.cleaned_data["password"]
        if self.data.get("credential"):
            return ""
        if not password:
            raise ValidationError(_("Choose a password, so that you can come back."))
        user = User(email=self.invitation.email, name=self.cleaned_data.get("name", ""))
        password_validation.validate_password(password, user)
        return password
