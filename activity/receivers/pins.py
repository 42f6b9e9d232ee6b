"""Notes that somebody pinned an entry of a timeline, or unpinned it: everybody sees it."""

from typing import Any

from django.dispatch import receiver

from activity.models import ActivityEvent
from activity.recording import Draft, write
from contacts.models import Pin
from contacts.models.pin import pin_changed


@receiver(pin_changed)
def note_pin(sender: type[Pin], pin: Pin, verb: str, **kwargs: Any) -> None:
    """Write the event. It is about the entry, which it names as people do, by its number."""
    entry = ActivityEvent.objects.only("uid").get(pk=pin.event_id)
    write([Draft(verb, "entry", entry.uid, pin.contact_id, {"number": pin.event_id})])
