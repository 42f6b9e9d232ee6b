"""The entries that are pinned above a contact's timeline."""

from typing import Any

from activity.catalogue import OF_CONTACTS, ON_ROW
from activity.gathering import attach
from activity.models import ActivityEvent
from contacts.models import Contact, Pin

# What has a row of its own on the timeline of a contact that is there.
PINNABLE = (
    frozenset(kind.verb for kind in OF_CONTACTS)
    - ON_ROW
    - {
        "contact.deleted",
        "privacy.erased",
    }
)


def pinned_events(*contact_ids: Any) -> Any:
    """Return the query of the entries that are pinned of these contacts, newest first."""
    return ActivityEvent.objects.filter(pk__in=Pin.objects.of(contact_ids)).order_by("-id")


def pinned_of(contact: Contact) -> list[ActivityEvent]:
    """Return the entries that are pinned above a contact's timeline, with all that they show."""
    events = list(pinned_events(*contact.all_ids))
    attach(events, contact.pk, contact)
    return events
