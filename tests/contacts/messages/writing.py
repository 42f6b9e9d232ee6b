"""Writing a message as the composer does."""

from django.core import mail as outbox
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from uuid_utils.compat import uuid7

from contacts import mail
from contacts.models import Contact, Delivery

HTMX = {"HX-Request": "true"}


def write(client: Client, contact: Contact, body: str = "Hello Ana", headers=None, **typed):
    typed = {"id": str(uuid7()), "body": body} | typed
    path = reverse("contact_messages", args=[contact.pk])
    return client.post(path, typed, headers=headers or None)


def file(name: str = "plan.pdf", size: int = 5, kind: str = "application/pdf"):
    return SimpleUploadedFile(name, b"x" * size, content_type=kind)


def text(content: bytes) -> str:
    return " ".join(strip_tags(content.decode()).split())


def leave() -> outbox.EmailMultiAlternatives:
    """Let the one message that waits leave at once, as the worker does, and return its mail."""
    Delivery.objects.update(due_at=timezone.now())
    mail.deliver(Delivery.objects.get().pk)
    [sent] = outbox.outbox
    return sent
