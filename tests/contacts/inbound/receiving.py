"""Mail that a provider hands in."""

from typing import Any

from contacts.models import Message
from tests.contacts.providers import post


def receive(told: dict[str, Any]) -> Message | None:
    """Hand a mail in; return the newest message that came in."""
    assert post("inbound", told).status_code == 200
    return Message.objects.filter(incoming=True).order_by("created_at", "id").last()
