"""Who has a portal, and what is in it: what tests of the portal start from."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import User
from contacts.models import Attachment, Contact, Delivery, Invitation, Message
from tests.builders import make_contact, make_user

PASSWORD = "correct horse battery"


def make_portal(
    contact: Contact, name: str = "Amara Okonkwo", email: str = "amara@calder.example"
) -> User:
    """Make an account without a role, whose invitation to that contact's portal was accepted."""
    user = User.objects.filter(email=email).first()
    user = user or User.objects.create_user(email, PASSWORD, name=name)
    give_portal(contact, user)
    return user


def give_portal(contact: Contact, user: User, role: str = "client") -> Invitation:
    """Let a user accept an invitation of that contact."""
    max_ = User.objects.filter(name="Max").first() or make_user(name="Max")
    invitation = Invitation.send(contact, inviter=max_, email=user.email, role=role)
    invitation.accept(user)
    return invitation


def make_amara(**fields: Any) -> Contact:
    """Make the contact whose portal it is."""
    return make_contact(
        given_name="Amara", family_name="Okonkwo", organisation="Calder & Wren",
        emails=["amara@calder.example"], **fields
    )  # fmt: skip


def write(contact: Contact, body: str = "Here is the plan.", state: str = "sent", **fields: Any):
    """Have the team write a message whose delivery came to that state; returns the message."""
    author = fields.pop("author", None) or User.objects.filter(name="Mia").first()
    author = author or make_user(name="Mia")
    message = Message.send(contact, author=author, address="amara@calder.example", body=body)
    Delivery.objects.filter(message=message).update(
        state=state, attempts=int(state != "queued"), finished_at=timezone.now()
    )
    return Message.objects.get(pk=message.pk)


def answer(
    contact: Contact, body: str = "Thank you.", via: str = "portal", **fields: Any
) -> Message:
    """Have the contact write."""
    return Message.receive(contact, body=body, via=via, **fields)


def attach(message: Message, name: str = "plan.pdf", content: bytes = b"%PDF-") -> Attachment:
    """Give a message a file."""
    return Attachment.keep(message, SimpleUploadedFile(name, content, "application/pdf"))
