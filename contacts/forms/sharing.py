"""The form by which a contact's details, a text and files are shared by mail."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contacts.forms.acting import ProseField, is_unseen
from contacts.models import Attachment, Contact, Share
from contacts.models.reach import ON_A_CARD, SHAREABLE
from contacts.values import read_email

MOST_ADDRESSES = 20
MOST_CHARACTERS = 5_000  # of all addresses as they are typed
LINK_DAYS = (7, 30, 90)

# `Jane Doe <jane@x.example>`, `"Doe, Jane" <jane@x.example>`, or a word.
_ADDRESS = re.compile(r'(?:"[^"]*+"|[^<>",;@\n])*+<([^<>\n]*+)>|([^\s,;]++)')


class AddressesInput(forms.Widget):
    """Boxes for the contact's own addresses and a field for others, all of one name."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """Return what was ticked and typed."""
        return data.getlist(name)


class AddressesField(forms.Field):
    """Email addresses, each once; commas, semicolons, spaces and new lines part them."""

    widget = AddressesInput

    def clean(self, value: list[str]) -> list[str]:
        """Return the addresses. Raises ValidationError that names all that are none."""
        typed = "\n".join(value)
        if len(typed) > MOST_CHARACTERS:
            raise ValidationError(_("These are too many addresses to read."))
        addresses: dict[str, None] = {}
        errors = []
        for named, plain in _ADDRESS.findall(typed):
            try:
                addresses[read_email(named or plain)] = None
            except ValidationError as error:
                errors.append(error)
        if errors:
            raise ValidationError(errors)
        if not addresses:
            raise ValidationError(_("Say who gets it."), code="required")
        if len(addresses) > MOST_ADDRESSES:
            raise ValidationError(
                _("These are %(count)s addresses; one share can go to %(limit)s."),
                params={"count": len(addresses), "limit": MOST_ADDRESSES},
            )
        return list(addresses)


class FilesOfContactField(forms.ModelMultipleChoiceField):
    """Files of the contact's timeline."""

    def clean(self, value: Any) -> list[Attachment]:
        """Return the files. Raises ValidationError where they are too much for a mail."""
        files = list(super().clean(value))
        size = sum(each.size for each in files)
        if size > settings.MESSAGE_MAX_BYTES:
            raise ValidationError(
                _("These files have %(size)s together; a mail can carry %(limit)s."),
                params={
                    "size": filesizeformat(size),
                    "limit": filesizeformat(settings.MESSAGE_MAX_BYTES),
                },
            )
        return files


class ShareForm(forms.Form):
    """Who gets what. `id` is the id its row will have, so that sending it twice makes one.

    `previewed` is the seal of the mails that were shown, where some were.
    """

    id = forms.UUIDField(widget=forms.HiddenInput)
    previewed = forms.CharField(required=False, max_length=64)
    to = AddressesField(label=_("To"))
    note = ProseField(
        label=_("Text"),
        required=False,
        max_length=20_000,
        error_messages={
            "max_length": _("That is %(show_value)d characters; a text can have %(limit_value)d.")
        },
    )
    with_card = forms.BooleanField(label=_("vCard attached"), required=False)
    link_days = forms.TypedChoiceField(
        label=_("Link"),
        required=False,
        coerce=int,
        choices=[("", _("none")), *((days, str(days)) for days in LINK_DAYS)],
    )
    days = LINK_DAYS

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contact = contact
        self.told = contact.disclosed(SHAREABLE)
        self.fields["fields"] = forms.MultipleChoiceField(
            label=_("Details"),
            required=False,
            choices=[(name, contact.label_of(name)) for name in SHAREABLE],
        )
        self.fields["files"] = FilesOfContactField(
            label=_("Files"), required=False, queryset=contact.attachments.order_by("-id")
        )

    @classmethod
    def first(cls, contact: Contact) -> "ShareForm":
        """Return the form as it is first shown: ready to be sent to the contact itself."""
        data = QueryDict(mutable=True)
        data["id"] = str(uuid7())
        if contact.email and not contact.do_not_contact_at:
            data["to"] = contact.email
        told = [item["field"] for item in contact.disclosed(ON_A_CARD)]
        data.setlist("fields", told)
        data["with_card"] = "on"
        return cls(data, contact=contact)

    @property
    def typed(self) -> str:
        """Return the addresses that were typed beside those of the contact."""
        return ", ".join(
            each for each in self.data.getlist("to") if each and each not in self.contact.emails
        )

    @property
    def offered(self) -> list[Attachment]:
        """Return the files to choose from, newest first."""
        return list(self.fields["files"].queryset)

    @property
    def chosen(self) -> dict[str, list[str]]:
        """Return what is ticked, by the name of the boxes."""
        return {name: self.data.getlist(name) for name in ("to", "fields", "files")}

    def clean_note(self) -> str:
        """Return the text; nothing where nobody could see it."""
        note = self.cleaned_data["note"]
        return "" if is_unseen(note) else note

    def clean(self) -> dict[str, Any]:
        """Refuse a share of nothing. What has nothing to show, a card or a link, is left out."""
        data = self.cleaned_data
        held = {item["field"] for item in self.told}
        data["fields"] = [name for name in data.get("fields", ()) if name in held]
        if self.errors:
            return data
        if not (data["fields"] or data["note"] or data["files"]):
            raise ValidationError(_("Choose what to send: a detail, a text or a file."))
        data["with_card"] = bool(data["with_card"] and data["fields"])
        days = data["link_days"] or 0
        data["link_days"] = days if data["fields"] or data["note"] else 0
        return data

    def draft(self, sender: Any) -> Share:
        """Return what would be sent, unsaved."""
        data = self.cleaned_data
        return Share.draft(
            self.contact,
            sender=sender,
            recipients=data["to"],
            fields=data["fields"],
            note=data["note"],
            with_card=data["with_card"],
            files=data["files"],
            link_days=data["link_days"],
            pk=data["id"],
        )
