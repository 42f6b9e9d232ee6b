"""The form by which an export is asked for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from activity.models import ActivityExport

# The log's filters, which travel along.
PASSED_ON = ("group", "kind", "actor", "contact", "from", "to", "source", "q")


class ExportForm(forms.Form):
    """A format, and the id that the export will have: sending the form twice makes one."""

    id = forms.UUIDField()
    format = forms.ChoiceField(
        choices=ActivityExport.Format.choices,
        error_messages={
            "required": _("Choose a format: CSV or NDJSON."),
            "invalid_choice": _("Choose a format: CSV or NDJSON."),
        },
    )
