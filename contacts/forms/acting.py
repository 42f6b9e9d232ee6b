"""Small forms of the Activity page: a comment, a reason, a confirmation."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contacts.models import Contact


class ProseField(forms.CharField):
    """A text of several lines, with one kind of line end: browsers send two characters for each."""

    def to_python(self, value: Any) -> str:
        """Return the text; of every line end, a line feed is left."""
        return super().to_python(value).replace("\r\n", "\n").replace("\r", "\n")


class CommentForm(forms.Form):
    """A comment. `id` is the id its row will have, so that sending it twice makes one."""

    id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)
    body = ProseField(
        label=_("Comment, visible to your team only"),
        max_length=10_000,
        error_messages={
            "required": _("Write something first."),
            "max_length": _(
                "That is %(show_value)d characters; a comment can have %(limit_value)d."
            ),
        },
    )

    def clean_body(self) -> str:
        """Return the text; refuse one that nobody could see."""
        body = self.cleaned_data["body"]
        if all(unicodedata.category(letter)[0] in "ZC" for letter in body):
            raise ValidationError(self.fields["body"].error_messages["required"], code="required")
        return body


class CommentEditForm(CommentForm):
    """A comment's new text; `version` is that of the text the editor saw."""

    id = None
    version = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    """Why a contact is archived, restored or deleted."""

    reason = forms.CharField(label=_("Reason, if you like"), max_length=500, required=False)


class DeleteForm(ReasonForm):
    """The contact's name, typed to confirm that it is to be deleted for good."""

    confirm = forms.CharField(label=_("Confirmation"), max_length=600)

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contact = contact

    def clean_confirm(self) -> str:
        """Refuse anything but the contact's name, however its letters, case and spaces are made."""
        typed = self.cleaned_data["confirm"]
        if _plain(typed) != _plain(self.contact.name):
            raise ValidationError(
                _("That is not the name. Type %(name)s to confirm."),
                params={"name": self.contact.name},
            )
        return typed


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
