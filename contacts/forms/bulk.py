"""Forms of bulk actions: for which contacts, and what exactly is to be done."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import CharField, F, Func
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.forms.acting import ProseField
from contacts.forms.messaging import SUBJECT_LENGTH, SubjectField
from contacts.models import ACTIONS, BulkRun, Invitation, Tag
from contacts.values import read_tags

TAGS_OFFERED = 100


class IdsField(forms.Field):
    """Several ids, all sent under one name."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: list[str]) -> list[UUID]:
        """Return the ids. Raises ValidationError where one is none."""
        try:
            return [UUID(each) for each in value]
        except ValueError:
            raise ValidationError(_("Select the contacts again: one could not be read.")) from None


class SelectionForm(forms.Form):
    """Which action, and whether it is for the ticked contacts or for all that match the list."""

    action = forms.ChoiceField(
        choices=[(name, action.label) for name, action in ACTIONS.items()],
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Choose what to do.")),
    )
    everyone = forms.BooleanField(required=False)
    contact = IdsField(required=False)


class ParametersForm(forms.Form):
    """What a run has to know besides its contacts; `by` is who is about to start it."""

    def __init__(self, run: BulkRun, by: Any, data: Any = None) -> None:
        super().__init__(data, initial=run.parameters)
        self.run, self.by = run, by

    @property
    def parameters(self) -> dict[str, Any]:
        """Return what was chosen, as it is kept with the run."""
        return self.cleaned_data


class ReasonForm(ParametersForm):
    """Why the contacts are archived or restored."""

    reason = forms.CharField(label=_("Reason, if you like"), max_length=500, required=False)


class MessageForm(ParametersForm):
    """A message that all get, each with their own name in it."""

    subject = SubjectField(label=_("Subject"), max_length=SUBJECT_LENGTH, required=False)
    body = ProseField(
        label=_("Message"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto"}),
        help_text=_(
            "{given_name} becomes the given name of each, {name} the whole name. All else is the "
            "same for everybody."
        ),
        error_messages={"required": _("Write something first.")},
    )


class InviteForm(ParametersForm):
    """To what the contacts are invited, and a note that all get."""

    role = forms.ChoiceField(label=_("Role"), initial=Invitation.Role.CLIENT)
    note = ProseField(
        label=_("Note, if you like"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [
            choice
            for choice in Invitation.Role.choices
            if self.by.has_perms(self.run.kind.permissions({"role": choice[0]}))
        ]


class TagForm(ParametersForm):
    """Tags that all get, and tags that all lose."""

    add = forms.CharField(
        label=_("Add tags"),
        required=False,
        max_length=1_000,
        widget=forms.TextInput(
            attrs={
                "list": "known-tags",
                "autocomplete": "off",
                "placeholder": _("With commas between them"),
            }
        ),
    )
    remove = forms.MultipleChoiceField(
        label=_("Remove tags"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        each = Func(F("tags"), function="unnest", output_field=CharField())
        found = self.run.contacts.order_by().annotate(tag=each).values_list("tag", flat=True)
        tags = list(found.distinct().order_by("tag")[:TAGS_OFFERED])
        self.fields["remove"].choices = [(tag, tag) for tag in tags]
        if not tags:
            del self.fields["remove"]
        self.known_tags = Tag.objects.values_list("name", flat=True)[:TAGS_OFFERED]

    def clean_add(self) -> list[str]:
        """Return the tags as they were first spelled by anybody."""
        return Tag.spelled(read_tags([self.cleaned_data["add"]]))

    def clean(self) -> None:
        """Refuse to do nothing."""
        self.cleaned_data.setdefault("remove", [])
        if not self.errors and not any(self.cleaned_data.values()):
            raise ValidationError(_("Add a tag, or choose one to remove."))


class OwnerForm(ParametersForm):
    """Who is to own the contacts."""

    owner = forms.ModelChoiceField(
        label=_("Owner"),
        queryset=None,
        required=False,
        empty_label=pgettext_lazy("owner", "Nobody"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = get_user_model().objects.filter(is_active=True, groups__isnull=False).distinct()
        self.fields["owner"].queryset = people.order_by("name", "email")

    @property
    def parameters(self) -> dict[str, Any]:
        """Return the owner's id, as text."""
        owner = self.cleaned_data["owner"]
        return {"owner": str(owner.pk) if owner else ""}


FORMS: dict[str, type[ParametersForm]] = {
    "owner": OwnerForm,
    "tag": TagForm,
    "message": MessageForm,
    "invite": InviteForm,
    "archive": ReasonForm,
    "restore": ReasonForm,
}
