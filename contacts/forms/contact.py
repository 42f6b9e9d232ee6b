"""The form in which a contact is created and edited."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.forms.fields import (
    LineField,
    PhonesField,
    RepeatedField,
    TagsField,
    TextField,
)
from contacts.models import Contact, Tag
from contacts.values import read_email, read_phone, read_website

LINES = (
    "honorific", "given_name", "middle_name", "family_name", "suffix", "organisation",
    "job_title", "street", "postal_code", "city", "region", "country",
)  # fmt: skip
SENT_AS = {"emails": "email", "phones": "phone"}


class ContactForm(forms.ModelForm):
    """What people say about a contact. `email`, `phone` and `tags` may be sent several times.

    A new contact comes with the `id` its row will have, so that sending it twice makes one row; an
    edited one with the `version` that was edited, so that nobody's change is lost.
    """

    id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    emails = RepeatedField(label=_("Email"), read=read_email, input_type="email", required=False)
    phones = PhonesField(label=_("Phone"), read=read_phone, input_type="tel", required=False)
    website = LineField(label=_("Website"), read=read_website, max_length=500, required=False)
    tags = TagsField(label=_("Tags"), required=False)
    owner = forms.ModelChoiceField(
        label=_("Owner"),
        queryset=None,
        required=False,
        empty_label=pgettext_lazy("owner", "Nobody"),
    )

    class Meta:
        model = Contact
        fields = (*LINES, "emails", "phones", "website", "tags", "owner", "notes")
        field_classes = dict.fromkeys(LINES, LineField) | {"notes": TextField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = get_user_model().objects.filter(
            models.Q(is_active=True) | models.Q(pk=self.instance.owner_id)
        )
        self.fields["owner"].queryset = people.order_by("name", "email")
        for name in ("website", "emails", "phones", "tags", *LINES):
            self.fields[name].known = self.initial[name]
        for name in (*LINES, "notes"):
            self.fields[name].widget.attrs["dir"] = "auto"
        if self.instance._state.adding:
            self.initial["id"] = self.instance.pk
            del self.fields["version"]
        else:
            self.initial["version"] = self.instance.version
            del self.fields["id"]

    def add_prefix(self, field_name: str) -> str:
        """Return the name a field is sent by: each of several emails is sent as `email`."""
        return SENT_AS.get(field_name, field_name)

    def clean_tags(self) -> list[str]:
        """Return the tags as they were first spelled by anybody."""
        return Tag.spelled(self.cleaned_data["tags"])

    def clean(self) -> None:
        """Leave what was not sent as it is: scripts may send a phone alone."""
        for name in self.fields.keys() & set(self.Meta.fields):
            widget = self.fields[name].widget
            if widget.value_omitted_from_data(self.data, self.files, self.add_prefix(name)):
                self.cleaned_data.pop(name, None)

    def save(self, **kwargs: Any) -> Contact:
        """Save the contact and keep the tags that are new. Takes what Contact.save takes."""
        self.instance.save(**kwargs)
        Tag.remember(self.instance.tags)
        return self.instance
