"""The forms of the portal: a reply, the contact's own details, whether mail is wanted."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contacts.forms.acting import ProseField
from contacts.forms.contact import ContactForm
from contacts.forms.files import FilesField

# What the team notes about a contact is none of the contact's own details.
OF_THE_TEAM = ("tags", "owner", "notes")


class ReplyForm(forms.Form):
    """What a contact writes to the team. `id` is the id its row will have."""

    id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)
    body = ProseField(
        label=_("Your message"),
        max_length=20_000,
        error_messages={
            "required": _("Write something first."),
            "max_length": _(
                "That is %(show_value)d characters; a message can have %(limit_value)d."
            ),
        },
    )
    attachments = FilesField("MESSAGE")


class OwnDetailsForm(ContactForm):
    """What people may change about themselves: how they are called, reached and where they are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in OF_THE_TEAM:
            del self.fields[name]
        self.fields["emails"].help_text = _("The team writes to the primary one.")


class MailForm(forms.Form):
    """Whether mail from the team is wanted, and why not."""

    wanted = forms.TypedChoiceField(
        choices=(("yes", _("Yes")), ("no", _("No"))), coerce=lambda value: value == "yes"
    )
    reason = forms.CharField(label=_("Reason, if you like"), max_length=500, required=False)
