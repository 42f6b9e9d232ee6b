"""What an event says beside the changes of fields: all of its payload, as people read it."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from activity.history import values
from activity.models import ActivityEvent
from contacts.models import Contact, Invitation, Message

# These are shown in other ways: as the actor, the version and the fields of an entry.
SHOWN_ELSEWHERE = frozenset({"actor", "changes", "name", "row_version"})
LABELS = {
    "reason": _("Reason"),
    "error": _("Error"),
    "to": _("To"),
    "via": _("Received by"),
    "automatic": _("Automatic reply"),
    "source": _("Source"),
    "role": _("Role"),
    "files": _("Files"),
    "disclosed": _("Details told"),
    "card": _("With vCard"),
    "link": _("With link"),
    "file": _("File"),
    "line": _("Line"),
    "import": _("Import"),
    "from_version": _("Put back from version"),
    "entry": _("Put back from entry"),
    "number": _("Number of that entry"),
    "seen_version": _("Version of the contact"),
    "events": _("Events"),
    "query": _("Filters"),
    "format": _("Format"),
    "sha256": _("Fingerprint (SHA-256)"),
    "checkpoint": _("Checkpoint"),
    "up_to": _("Up to entry"),
    "zone": _("Time zone"),
    "contacts": _("Contact, and what was merged into it"),
    "merged": _("Merged into this contact"),
    "into": _("Merged into"),
    "opted_out": _("Wants no mail, as the other one said"),
    "parted": _("Parted from"),
    "kept": _("Changed since the merge, and kept"),
}
CHOICES: dict[str, dict[str, Any]] = {
    "via": dict(Message.Via.choices),
    "role": dict(Invitation.Role.choices),
    "source": dict(Contact.Source.choices),
}


def details(event: ActivityEvent) -> list[tuple[str, str]]:
    """Return (label, text) of all that the event says and that is not empty."""
    payload = event.payload or {}
    return [
        (str(LABELS.get(key, key)), text)
        for key, value in payload.items()
        if key not in SHOWN_ELSEWHERE and (text := _text(key, value))
    ]


def _text(key: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(key, each) for each in value)
    if isinstance(value, dict) and "name" in value:
        return str(value["name"])
    return str(CHOICES.get(key, {}).get(value) or values.text(value))
