"""For how long what is personal is kept, and where that is set."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

MEANINGS = {
    "DELETED_NAME_DAYS": _("the receipt of a deleted contact shows its name"),
    "ORIGIN_DAYS": _("client addresses and browsers stand beside what was done"),
    "IMPORT_FAILURE_DAYS": _("rows of a file that could not be imported are kept"),
    "MERGE_UNDO_DAYS": _("the merge of two contacts can be undone"),
    "EXPORT_DAYS": _("a finished export of the log can be downloaded"),
    "INVITATION_DAYS": _("the link of an invitation works"),
}


def retention() -> list[dict[str, Any]]:
    """Return each setting's `name`, its `days`, and what lasts so long, its `meaning`."""
    return [
        {"name": name, "days": getattr(settings, name), "meaning": meaning}
        for name, meaning in MEANINGS.items()
    ]
