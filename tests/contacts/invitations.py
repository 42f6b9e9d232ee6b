"""What tests of invitations start from."""

import json
import re
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import reverse
from django.utils.html import strip_tags
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.models import ActivityEvent
from contacts.mail import letter
from contacts.models import Contact, Delivery, Invitation, Link
from tests.builders import make_contact, make_user

ADDRESS = "amara@calder.example"
PASSWORD = "correct horse battery"
HTMX = {"HX-Request": "true"}


def make_amara(**fields: Any) -> Contact:
    """Make the contact who is invited."""
    fields = {"emails": [ADDRESS], **fields}
    return make_contact(given_name="Amara", family_name="Okonkwo", **fields)


def make_invitation(contact: Contact | None = None, **fields: Any) -> Invitation:
    """Invite a contact, by Max unless there is an `inviter`."""
    inviter = fields.pop("inviter", None) or User.objects.filter(name="Max").first()
    fields = {"email": ADDRESS, "role": "client", **fields}
    fields["inviter"] = inviter or make_user(name="Max")
    return Invitation.send(contact or make_amara(), **fields)


def make_expired(contact: Contact | None = None, **fields: Any) -> Invitation:
    """Send one whose term is over, which nobody has noted yet."""
    with override_settings(INVITATION_DAYS=0):
        return make_invitation(contact, **fields)


def mailed_path(invitation: Invitation) -> str:
    """Return the path of the link in the mail of an invitation, as a worker writes it."""
    mails = Delivery.objects.filter(invitation=invitation)
    state = mails.latest("id").state
    mails.filter(pk=mails.latest("id").pk).update(state="queued")
    mail = letter(*Delivery.claim(mails.latest("id").pk))
    mails.filter(state="sending").update(state=state)
    return re.search(r"(/i/[\w-]+/)", mail.body)[1]


def copied_path(invitation: Invitation) -> str:
    """Return the path of a link that was copied, whatever became of the invitation."""
    return Link.make(invitation=invitation).removeprefix(settings.SITE_URL)


def sent(invitation: Invitation, state: str = "sent", **fields: Any) -> Invitation:
    """Return an invitation whose mail has come to that state."""
    Delivery.objects.filter(invitation=invitation).update(state=state, attempts=1, **fields)
    return Invitation.objects.get(pk=invitation.pk)


def invite(client: Client, contact: Contact, headers: Any = None, **typed: Any) -> HttpResponse:
    """Send the form of an invitation."""
    typed = {"id": str(uuid7()), "email": ADDRESS, "role": "client", "note": "", **typed}
    return client.post(reverse("contact_invitations", args=[contact.pk]), typed, headers=headers)


def verbs(contact: Contact) -> list[str]:
    """Return the verbs of a contact's events, oldest first."""
    events = ActivityEvent.objects.filter(contact_id=contact.pk).order_by("id")
    return [event.verb for event in events]


def words(answer: HttpResponse) -> str:
    """Return what an answer says."""
    return " ".join(strip_tags(answer.content.decode()).split())


def toasted(answer: HttpResponse) -> str:
    """Return the short message that an answer to htmx shows."""
    return json.loads(answer.headers["HX-Trigger"])["toast"]["text"]
