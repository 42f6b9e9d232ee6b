"""Pressing the button beside an earlier value."""

import re
from html import unescape
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from activity.context import acting
from activity.models import ActivityEvent
from contacts.models import Contact

HTMX = {"HX-Request": "true"}


def change(contact: Contact, by: Any = None, **fields: Any) -> None:
    """Change fields of a contact, as whoever edits it does."""
    contact.refresh_from_db()
    for name, value in fields.items():
        setattr(contact, name, value)
    with acting(actor=by, channel="web"):
        contact.save()


def press(
    client: Client, contact: Contact, version: int, field: str, seen: int = 0, **more: Any
) -> HttpResponse:
    """Press the button of a value, on a page that showed the contact as it is now or was `seen`."""
    contact.refresh_from_db()
    query = {"field": field, "seen": seen or contact.version}
    address = reverse("contact_put_back", args=[contact.pk, version], query=query)
    answer = client.post(address, **more)
    contact.refresh_from_db()
    return answer


def restored(contact: Contact) -> list[ActivityEvent]:
    return list(ActivityEvent.objects.of(contact.pk).filter(verb="value.restored"))


def text(answer: HttpResponse) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())
