"""Small forms of the Activity page: a comment, a reason, a confirmation."""

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contacts.forms.files import FilesField
from contacts.models import Comment, Contact

# Drawn as nothing, though Unicode calls them letters, marks or symbols: fillers of Hangul, inherent
# vowels of Khmer, the joiner of marks, the blank of Braille, and selectors of variations.
BLANK = {0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10)}


def is_unseen(text: str) -> bool:
    """Tell whether there is nothing in a text that anybody could see."""
    return all(unicodedata.category(each)[0] in "ZC" or ord(each) in BLANK for each in text)


class ProseField(forms.CharField):
    """A text of several lines.

    Browsers send two characters for each line end; one is kept.
    """

    def to_python(self, value: Any) -> str:
        """Return the text; of every line end, a line feed is left."""
        return super().to_python(value).replace("\r\n", "\n").replace("\r", "\n")

    def validate(self, value: str) -> None:
        """Refuse a text that nobody could see, unless the field may be left empty."""
        if self.required and is_unseen(value):
            raise ValidationError(self.error_messages["required"], code="required")


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
    attachments = FilesField("COMMENT")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.files:  # which may say it all
            self.fields["body"].required = False


class CommentEditForm(CommentForm):
    """A comment's new text; `version` is that of the text the editor saw."""

    id = attachments = None
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, comment: Comment, **kwargs: Any) -> None:
        initial = {"body": comment.body, "version": comment.version}
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["body"].required = not comment.files


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
