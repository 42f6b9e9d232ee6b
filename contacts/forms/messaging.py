"""The form of a message: to which address, subject, text and files."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contacts.forms.acting import ProseField, is_unseen
from contacts.forms.files import FilesField
from contacts.models import Contact, Message
from contacts.rendering import one_line

SUBJECT_LENGTH = 200


class SubjectField(forms.CharField):
    """A subject on one line: line ends and control characters in it become spaces."""

    def to_python(self, value: Any) -> str:
        """Return the text on one line; nothing where nobody could see it."""
        text = one_line(super().to_python(value))
        return "" if is_unseen(text) else text


class AddressForm(forms.Form):
    """To which of its addresses a contact is written; where none is named, to the primary one."""

    address = forms.CharField(required=False, max_length=254)

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contact = contact

    def clean_address(self) -> str:
        """Return the address; refuse one that is not the contact's own."""
        if not self.contact.emails:
            raise ValidationError(
                _("%(name)s has no email address. Add one to this contact first."),
                params={"name": self.contact.name},
            )
        address = self.cleaned_data["address"].lower() or self.contact.email
        if address not in self.contact.emails:
            raise ValidationError(
                _("%(address)s is not an address of %(name)s. Choose one of this contact’s own."),
                params={"address": address, "name": self.contact.name},
            )
        return address


class MessageForm(AddressForm):
    """A message. `id` is the id its row will have, so that sending it twice makes one.

    `reply` is the id of the message that it answers or follows, `edit` of the one that was taken
    back and is written anew here.
    """

    id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)
    reply = forms.CharField(widget=forms.HiddenInput, required=False)
    edit = forms.CharField(widget=forms.HiddenInput, required=False)
    subject = SubjectField(
        label=_("Subject"),
        max_length=SUBJECT_LENGTH,
        required=False,
        error_messages={
            "max_length": _(
                "That is %(show_value)d characters; a subject can have %(limit_value)d."
            ),
        },
    )
    body = ProseField(
        label=_("Message"),
        max_length=20_000,
        error_messages={
            "required": _("Write something first."),
            "max_length": _(
                "That is %(show_value)d characters; a message can have %(limit_value)d."
            ),
        },
    )
    attachments = FilesField("MESSAGE")

    @classmethod
    def blank(cls, contact: Contact, query: Mapping[str, Any] | None = None) -> "MessageForm":
        """Return the form as a page's address asks for it.

        `reply` names a message that is answered, `edit` one that was taken back, whose text comes
        again; `address` is the one to choose. What makes no sense is left out.
        """
        asked = dict(query.items()) if query else {}
        again, answered = (_message(contact, asked.get(name)) for name in ("edit", "reply"))
        source = again or answered
        address = asked.get("address") or (source.address if source else "")
        initial = {"address": address if address in contact.emails else contact.email}
        if again:
            initial |= {"subject": again.subject, "body": again.body}
            initial |= {"edit": again.pk, "reply": again.in_reply_to_id}
        elif answered:
            initial |= {"subject": answered.answer_subject, "reply": answered.pk}
        return cls(contact=contact, initial=initial)

    @property
    def to(self) -> str:
        """Return the address that is chosen."""
        chosen = str(self["address"].value() or "").lower()
        return chosen if chosen in self.contact.emails else self.contact.email

    def clean_reply(self) -> Message | None:
        """Return the message that this one answers, if it is one of this contact."""
        return _message(self.contact, self.cleaned_data["reply"])

    def wrong_now(self, contact: Contact) -> int:
        """Take the contact as it is now that it is locked; return what `wrong_with` does."""
        self.contact = contact
        try:
            self.clean_address()
        except ValidationError as error:
            self.add_error("address", error)
        return 422 if self.errors else 0

    def send(self, author: Any) -> Message:
        """Queue the message. Raises Blocked and IntegrityError as Message.send does."""
        data = self.cleaned_data
        return Message.send(
            self.contact,
            author=author,
            pk=data["id"],
            address=data["address"],
            subject=data["subject"],
            body=data["body"],
            files=data["attachments"],
            in_reply_to=data["reply"],
        )


def _message(contact: Contact, key: str | None) -> Message | None:
    try:
        rows = Message.objects.filter(contact__in=contact.all_ids)
        return rows.filter(pk=UUID(key)).first() if key else None
    except ValueError:
        return None
