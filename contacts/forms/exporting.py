"""The form by which contacts are asked for as a file."""

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.exporting import FORMS
from contacts.forms.bulk import IdsField


class ExportForm(forms.Form):
    """In which form; and whether all that match the list, or the ticked ones where any are."""

    format = forms.ChoiceField(
        choices=[(name, form.label) for name, form in FORMS.items()],
        required=False,
        error_messages={"invalid_choice": _("Choose a format: CSV or vCard.")},
    )
    everyone = forms.BooleanField(required=False)
    contact = IdsField(required=False)
