"""Rows of messages, and the buttons on them."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from accounts.models import User
from contacts.models import Contact, Delivery, Message

HTMX = {"HX-Request": "true"}
both = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])


def send(contact: Contact, author: User, body: str = "Hello Ana", **fields) -> Message:
    return Message.send(contact, author=author, address=contact.email, body=body, **fields)


def now(message: Message, **fields) -> Delivery:
    """Bring the delivery of a message into a state, as if the worker had."""
    delivery = Delivery.objects.filter(message=message).latest("id")
    Delivery.objects.filter(pk=delivery.pk).update(finished_at=timezone.now(), **fields)
    delivery.refresh_from_db()
    return delivery


def act(client: Client, name: str, pk: object, headers=None, **typed):
    return client.post(reverse(name, args=[pk]), typed, headers=headers or None)


def row(client: Client, message: Message) -> str:
    return client.get(reverse("message_row", args=[message.pk])).content.decode()


def text(html: str) -> str:
    return " ".join(strip_tags(html).split())


def toast(answer) -> dict:
    return json.loads(answer.headers["HX-Trigger"])["toast"]
