"""Pinning entries as the timeline does, and what then stands above it."""

from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from activity.models import ActivityEvent
from contacts.models import Contact

HTMX = {"HX-Request": "true"}


def entry(contact: Contact, verb: str = "comment.added") -> ActivityEvent:
    return ActivityEvent.objects.filter(contact_id=contact.pk, verb=verb).latest("id")


def press(client: Client, event: ActivityEvent, act: str = "pin", headers: Any = None):
    path = reverse(f"entry_{act}", args=[event.contact_id, event.pk])
    return client.post(path, headers=headers or None)


def text(content: bytes) -> str:
    return " ".join(strip_tags(content.decode()).split())


def pinned(client: Client, contact: Contact, **query: Any) -> str:
    """Return what stands above the timeline."""
    page = client.get(contact.get_absolute_url(), query).content.decode()
    return page.partition('<section class="pinned"')[2].partition("</section>")[0]
