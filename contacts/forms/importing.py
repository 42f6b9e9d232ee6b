"""The forms of an import: the file, and what becomes of its columns and of who is here already."""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contacts.importing.columns import EXTERNAL_ID, NAMING, TARGETS
from contacts.importing.inspection import VCARD
from contacts.models import ImportRun
from contacts.values import read_line

SAMPLE_ROWS = 20
COLUMN = "column_"  # what the names of the columns' fields begin with


class SourceField(forms.CharField):
    """The name of a program or list that files come from; names that were used are offered."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"class": "input", "list": "sources", "autocomplete": "off"}
        super().__init__(
            label=_("Source"),
            required=False,
            max_length=60,
            help_text=_(
                "The program or list that it comes from, for example Salesforce. The next file of "
                "the same source opens with the choices that you make now."
            ),
            widget=forms.TextInput(attrs=attributes),
            **kwargs,
        )

    def clean(self, value: Any) -> str:
        """Return the name on one line. External ids are written behind it, after a colon."""
        name = read_line(super().clean(value))
        if ":" in name:
            raise forms.ValidationError(_("Leave out the colon."))
        return name


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
    source = SourceField()


class ColumnsForm(forms.Form):
    """Where each column goes, and what happens with contacts that are here already.

    A vCard has no columns: its cards say what is what.
    """

    source = SourceField()
    existing = forms.ChoiceField(
        label=_("Contacts that are here already"),
        choices=ImportRun.Existing.choices,
        widget=forms.RadioSelect,
        required=False,
    )

    def __init__(
        self, run: ImportRun, data: Any = None, *, proposed: Mapping[str, str] | None = None
    ) -> None:
        """`proposed` holds choices that are shown and not judged, by the names of the fields."""
        super().__init__(data)
        self.run = run
        proposed = proposed or {}
        self.fields["source"].initial = proposed.get("source", run.source)[:60]
        existing = proposed.get("existing", run.existing)
        known = existing in ImportRun.Existing.values
        self.fields["existing"].initial = existing if known else run.existing
        choices = [("", _("Leave out")), *TARGETS.items()]
        with run.records() as records:
            head = list(islice(records, SAMPLE_ROWS))
        for index, (column, target) in enumerate(zip(run.columns, run.targets, strict=True)):
            name = f"{COLUMN}{index}"
            field = forms.ChoiceField(label=column, choices=choices, required=False)
            chosen = proposed.get(name, target)
            field.initial = chosen if chosen in TARGETS or not chosen else target
            cells = (record.cells[index] for record in head if index < len(record.cells))
            field.sample = next(filter(None, cells), "")
            self.fields[name] = field

    def clean(self) -> dict[str, Any]:
        """Refuse choices by which no row could become a contact, or be told whose it is."""
        chosen = {self.cleaned_data.get(field.name) for field in self._columns}
        updates = self.cleaned_data.get("existing") in {"fill", "overwrite"}
        telling = NAMING | {EXTERNAL_ID} if updates else NAMING
        if self.run.format != VCARD and not telling & chosen:
            raise forms.ValidationError(
                _("Choose a column for a name, a company, an email or a phone number.")
            )
        if EXTERNAL_ID in chosen and not self.cleaned_data.get("source"):
            self.add_error(
                "source", _("Name the source: external ids are kept together with its name.")
            )
        return self.cleaned_data

    @property
    def choices(self) -> dict[str, Any]:
        """Return what was chosen, as ImportRun.start takes it."""
        given = self.cleaned_data
        existing = given["existing"] or self.fields["existing"].initial
        return {"targets": self.targets, "source": given["source"], "existing": existing}

    @property
    def targets(self) -> list[str]:
        """Return the target of each column as chosen, or as proposed while nothing valid is."""
        chosen = getattr(self, "cleaned_data", {})
        return [chosen.get(field.name, field.field.initial) for field in self._columns]

    @property
    def known(self) -> list[forms.BoundField]:
        """Return the columns that go somewhere."""
        return [field for field in self._columns if field.field.initial]

    @property
    def unknown(self) -> list[forms.BoundField]:
        """Return the columns that are left out."""
        return [field for field in self._columns if not field.field.initial]

    @property
    def _columns(self) -> list[forms.BoundField]:
        return [field for field in self if field.name.startswith(COLUMN)]
