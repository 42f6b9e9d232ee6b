"""Answers by mail: what arrives at a reply address becomes a message of its contact.

Nothing is ever answered by itself. What is dropped is logged without saying whose it was.
"""

import logging
import re
from datetime import timedelta
from email.message import Message as Mail
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.bounce_report import failures, is_bounce_report
from contacts.incoming_mail import IncomingMail
from contacts.mail import DELIVERY_HEADER
from contacts.models import Contact, ContactGone, Delivery, Message
from contacts.rendering import one_line
from contacts.reply_address import PREFIX, message_replied_to
from contacts.values import storable

logger = logging.getLogger(__name__)

# Where a provider or mail server says to whom a mail went.
RECIPIENT_HEADERS = ("To", "Cc", "Bcc", "Delivered-To", "X-Original-To", "X-Forwarded-To")
REPLY_ADDRESS = re.compile(rf"{re.escape(PREFIX)}[a-z2-7]{{26,60}}@[\w.-]+", re.I)
# How many automatic answers of a contact are kept within an hour: two programs that answer each
# other must not fill a timeline.
AUTOMATIC_AN_HOUR = 5
HOUR = timedelta(hours=1)
DROPPED = "A mail was dropped: %s"


def take_in(received: Mail, event_id: str = "") -> None:
    """Keep a mail as a message of the contact, or note the bounce that it reports.

    `received` is as anymail hands it in; `event_id` the provider's name for it, the same when it
    is handed in again.
    """
    mail = IncomingMail(received)
    key = answered_message(mail)
    if key is None:
        logger.warning(DROPPED, "its address is none of ours")
    elif is_ours(mail):
        logger.warning(DROPPED, "it was sent by Annals")
    else:
        # Before anything is locked: a scanner takes its time.
        files = [] if is_bounce_report(mail.parts) else mail.files
        _keep(key, mail, files, event_id)


def answered_message(mail: IncomingMail) -> UUID | None:
    """Return the id of the message whose reply address the mail went to."""
    told = " ".join([mail.envelope_recipient, *map(mail.header, RECIPIENT_HEADERS)])
    return next(filter(None, map(message_replied_to, REPLY_ADDRESS.findall(told))), None)


def is_ours(mail: IncomingMail) -> bool:
    """Tell whether Annals itself sent the mail, so that it goes in a circle."""
    if mail.header(DELIVERY_HEADER):
        return True
    return bool(mail.mail_id) and Delivery.objects.filter(mail_id=mail.mail_id).exists()


@transaction.atomic
def _keep(key: UUID, mail: IncomingMail, files: list[Any], event_id: str) -> None:
    answered = Message.objects.filter(pk=key, incoming=False).first()
    contact = _contact_of(answered)
    if answered is None or contact is None:
        logger.warning(DROPPED, "its contact is gone")
    elif is_bounce_report(mail.parts):
        _note_bounce(answered, mail)
    elif mail.is_automatic and _too_many(contact):
        logger.warning(DROPPED, "there were too many automatic ones")
    else:
        Message.receive(
            contact,
            body=mail.body,
            files=files,
            via=Message.Via.EMAIL,
            address=_sender(mail),
            subject=mail.subject,
            quoted=mail.quoted,
            is_automatic=mail.is_automatic,
            in_reply_to=answered,
            mail_id=mail.mail_id or storable(event_id),
        )


def _contact_of(answered: Message | None) -> Contact | None:
    """Return who was written to, locked: a merged contact keeps its own conversation."""
    if answered is None:
        return None
    try:
        return Contact.objects.locked_with_survivor(answered.contact_id)
    except (ContactGone, Http404):
        return None


def _too_many(contact: Contact) -> bool:
    since = timezone.now() - HOUR
    kept = contact.messages.filter(incoming=True, is_automatic=True, created_at__gte=since)
    return kept.count() >= AUTOMATIC_AN_HOUR


def _note_bounce(answered: Message, mail: IncomingMail) -> None:
    """Note that a mail of the message came back: the newest to the address that is named."""
    sent = answered.deliveries.select_related("message", "invitation", "share").order_by("-id")
    for failure in failures(mail.parts):
        same = sent.filter(recipient__iexact=storable(failure.recipient)).first()
        delivery = same or sent.first()
        words = {"words": failure.words or "–"}
        if delivery:
            sentence = _("The mail came back. The other side says: %(words)s")
            delivery.bounced(sentence % words)


def _sender(mail: IncomingMail) -> str:
    """Return from where it came, empty where it names no usable address."""
    address = one_line(storable(parseaddr(mail.header("From"))[1])).lower()
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address if len(address) <= 254 else ""
