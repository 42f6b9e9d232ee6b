"""Mails in the outbox, for the tests of how they get out."""

from datetime import timedelta
from typing import Any

from django.core.mail.backends.base import BaseEmailBackend

from accounts.models import User
from activity.models import ActivityEvent
from contacts.models import Contact, Delivery, Invitation, Message, Share
from tests.builders import make_contact, make_user

ANA = "ana@calder.example"


def ana(**fields: Any) -> Contact:
    """Make a contact that can be written to."""
    fields = {"given_name": "Ana", "family_name": "Costa", "emails": [ANA], **fields}
    return make_contact(**fields)


def mia() -> User:
    """Return Mia, who writes the mails."""
    return User.objects.filter(name="Mia").first() or make_user(name="Mia")


def message(contact: Contact | None = None, **fields: Any) -> Delivery:
    """Queue a message that may leave at once, and return its mail."""
    fields = {"author": mia(), "address": ANA, "body": "Hello Ana", "grace": timedelta(0), **fields}
    return Message.send(contact or ana(), **fields).delivery


def invitation(contact: Contact | None = None, **fields: Any) -> Delivery:
    """Queue an invitation and return its mail."""
    fields = {"inviter": mia(), "email": ANA, "role": "client", **fields}
    return Invitation.send(contact or ana(), **fields).delivery


def share(contact: Contact | None = None, **fields: Any) -> Delivery:
    """Queue a share to one address and return its mail."""
    fields = {"sender": mia(), "recipients": [ANA], "fields": ["name"], "note": "Hi", **fields}
    sent = Share.draft(contact or ana(), **fields)
    sent.send()
    return sent.deliveries.get()


def state(delivery: Delivery) -> str:
    """Return the state in the database."""
    delivery.refresh_from_db()
    return delivery.state


def verbs(contact: Contact) -> list[str]:
    """Return what happened with a contact, but for its creation."""
    events = ActivityEvent.objects.filter(contact_id=contact.pk).order_by("id")
    return [event.verb for event in events][1:]


class Broken(BaseEmailBackend):
    """A way to send that breaks in a way nobody has thought of."""

    def send_messages(self, email_messages: Any) -> int:
        """Break."""
        raise RuntimeError("out of paper")
