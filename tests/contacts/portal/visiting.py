"""What somebody does in a portal, and reads there."""

from typing import Any
from uuid import uuid4

from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from contacts.models import Contact

HTMX = {"HX-Request": "true"}


def text(content: bytes) -> str:
    return " ".join(strip_tags(content.decode().replace("<", " <")).split())


def address(name: str, *args: Any) -> str:
    return reverse(f"portal_{name}", args=[getattr(each, "pk", each) for each in args])


def reply(client: Client, contact: Contact, body: str, files: Any = (), **headers: str) -> Any:
    typed = {"id": str(uuid4()), "body": body, "attachments": list(files)}
    return client.post(address("reply", contact), typed, headers=headers or None)
