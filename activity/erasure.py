"""Forgetting: the personal data goes, the bare fact that something happened stays."""

from typing import Any

from django.contrib.admin.models import LogEntry

from activity.models import ActivityEvent
from activity.recording import Draft, write
from contacts.models import Tracked


def erase_contact(contact_id: Any) -> int:
    """Erase the payloads and versions of all that happened with a contact; return how many events.

    The event of the deletion keeps its payload: it is the receipt, and names nobody. Django admin
    notes names in a log of its own; its entries about the contact go.
    """
    events = ActivityEvent.objects.filter(contact_id=contact_id, erased_by=None).exclude(
        verb="contact.deleted"
    )
    erased = events.count()
    [erasure] = write(
        [Draft("privacy.erased", "contact", contact_id, contact_id, {"events": erased})]
    )
    events.filter(id__lt=erasure).update(payload=None, salt=None, erased_by=erasure)
    for model in Tracked.__subclasses__():
        versions = model.history.model._base_manager
        versions.filter(**{model.contact_column: contact_id}).delete()
    LogEntry.objects.filter(object_id=str(contact_id)).delete()
    return erased
