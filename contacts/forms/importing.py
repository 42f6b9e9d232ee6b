"""The two forms of an import: the file, and which of its columns goes where."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contacts.importing.columns import NAMING, TARGETS
from contacts.importing.inspection import VCARD
from contacts.models import ImportRun

SAMPLE_ROWS = 20


class ImportFileForm(forms.Form):
    """A file, and the id of the import it will become: sending it twice makes one."""

    id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid7)
    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(
            attrs={"class": "input", "accept": ".csv,.tsv,.txt,.vcf,text/csv,text/vcard"}
        ),
        error_messages={
            "required": _("Choose a file first."),
            "empty": _("This file is empty. Choose another one."),
        },
    )


class ColumnsForm(forms.Form):
    """Where each column goes. A vCard has no columns: its cards say what is what."""

    def __init__(
        self, run: ImportRun, data: Any = None, *, proposed: Mapping[str, str] | None = None
    ) -> None:
        """`proposed` holds choices that are shown and not judged, by the names of the fields."""
        super().__init__(data)
        self.run = run
        choices = [("", _("Leave out")), *TARGETS.items()]
        with run.records() as records:
            head = list(islice(records, SAMPLE_ROWS))
        for index, (column, target) in enumerate(zip(run.columns, run.targets, strict=True)):
            name = f"column_{index}"
            field = forms.ChoiceField(label=column, choices=choices, required=False)
            chosen = (proposed or {}).get(name, target)
            field.initial = chosen if chosen in TARGETS or not chosen else target
            cells = (record.cells[index] for record in head if index < len(record.cells))
            field.sample = next(filter(None, cells), "")
            self.fields[name] = field

    def clean(self) -> dict[str, Any]:
        """Refuse a choice by which no row could become a contact."""
        if self.run.format != VCARD and not NAMING & set(self.cleaned_data.values()):
            raise forms.ValidationError(
                _("Choose a column for a name, a company, an email or a phone number.")
            )
        return self.cleaned_data

    @property
    def targets(self) -> list[str]:
        """Return the target of each column as chosen, or as proposed while nothing valid is."""
        chosen = getattr(self, "cleaned_data", {})
        return [chosen.get(name, field.initial) for name, field in self.fields.items()]

    @property
    def known(self) -> list[forms.BoundField]:
        """Return the columns that go somewhere."""
        return [field for field in self if field.field.initial]

    @property
    def unknown(self) -> list[forms.BoundField]:
        """Return the columns that are left out."""
        return [field for field in self if not field.field.initial]
