"""Forgetting: the personal data goes, the bare fact that something happened stays."""

from typing import Any

from activity.models import ActivityEvent
from activity.recording import Draft, write
from contacts.models import Tracked


def erase_contact(contact_id: Any) -> int:
    """Erase the payloads and versions of all that happened with a contact; return how many events.

    The event of the deletion keeps its payload: it is the receipt, and names nobody.
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
    return erased
