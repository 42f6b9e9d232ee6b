"""Sharing a contact as the dialog does, and what came of it."""

from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from uuid_utils.compat import uuid7

from activity.models import ActivityEvent
from contacts.models import Contact

HTMX = {"HX-Request": "true"}
OWN = "amara@calder.example"
OTHER = "facilities@wren.example"


def share(client: Client, contact: Contact, headers: Any = None, **data: Any) -> Any:
    sent = {"id": str(uuid7()), "to": OTHER, "fields": ["emails", "phones"]} | data
    return client.post(reverse("contact_shares", args=[contact.pk]), sent, headers=headers)


def preview(client: Client, contact: Contact, **data: Any) -> Any:
    sent = {"id": str(uuid7()), "to": OTHER, "fields": ["emails", "phones"]} | data
    path = reverse("contact_shares_preview", args=[contact.pk])
    return client.post(path, sent, headers=HTMX)


def text(answer: Any) -> str:
    return " ".join(strip_tags(answer.content.decode()).split())


def verbs(contact: Contact) -> list[str]:
    events = ActivityEvent.objects.filter(contact_id=contact.pk).order_by("id")
    return [event.verb for event in events]
