"""Notes which tags somebody has decided to offer for completion, or not to."""

from typing import Any

from django.dispatch import receiver

from activity.recording import Draft, write
from contacts.models.tag import tag_decided


@receiver(tag_decided)
def note_decision(sender: Any, name: str, verb: str, **kwargs: Any) -> None:
    """Note it; which contacts have the tag is told by their own events."""
    write([Draft(f"tag.{verb}", "tag", None, None, {"name": name})])
