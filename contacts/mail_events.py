"""What a mail provider reports: mails that arrived, came back or were unwanted, and answers."""

import logging
import re
from typing import Any
from uuid import UUID

from anymail.signals import AnymailInboundEvent, AnymailTrackingEvent, EventType, inbound, tracking
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts import inbound as answers
from contacts.models import Contact, ContactGone, Delivery
from contacts.rendering import one_line

logger = logging.getLogger(__name__)

MOST_WORDS = 300  # characters of what the other side said
# A mailbox that is full today: the provider tries again, or reports a bounce later.
SOFT_KINDS = frozenset({"SoftBounce", "Transient"})
SOFT_ANSWER = re.compile(r"\s*(?:smtp;\s*)?4(?:\d\d\b|\.\d{1,3}\.\d{1,3}\b)")


def listen() -> None:
    """Have anymail's webhooks report to this module."""
    tracking.connect(note, dispatch_uid="contacts.mail_events.note")
    inbound.connect(take_in, dispatch_uid="contacts.mail_events.take_in")


def note(event: AnymailTrackingEvent, **signal: Any) -> None:
    """Note what became of a mail; what is told twice, too late or of no mail of ours is no error.

    The provider reports again what we fail to answer with success.
    """
    noting = NOTED.get(event.event_type)
    delivery = _delivery(event) if noting else None
    if noting and delivery:
        noting(delivery, event)


def take_in(event: AnymailInboundEvent, **signal: Any) -> None:
    """Take in a mail that was sent to one of the reply addresses."""
    answers.take_in(event.message, event.event_id or "")


def _delivery(event: AnymailTrackingEvent) -> Delivery | None:
    """Return the delivery by the id that we gave the provider, or by the provider's own."""
    about = Delivery.objects.select_related("message", "invitation", "share")
    try:
        return about.get(pk=UUID((event.metadata or {})["delivery"]))
    except (KeyError, TypeError, ValueError, AttributeError, Delivery.DoesNotExist):
        remote_id = str(event.message_id or "")
    return about.filter(remote_id=remote_id).last() if remote_id else None


def _delivered(delivery: Delivery, event: AnymailTrackingEvent) -> None:
    delivery.delivered(event.timestamp or timezone.now())


def _bounced(delivery: Delivery, event: AnymailTrackingEvent) -> None:
    if not _is_soft(event):
        words = {"words": _words(event)}
        delivery.bounced(_("The mail came back. The other side says: %(words)s") % words)


def _refused(delivery: Delivery, event: AnymailTrackingEvent) -> None:
    sentence = _("The provider didn’t send it. It says: %(words)s")
    delivery.bounced(sentence % {"words": _words(event)})


def _complained(delivery: Delivery, event: AnymailTrackingEvent) -> None:
    _opt_out(delivery, Contact.Source.COMPLAINT)


def _unsubscribed(delivery: Delivery, event: AnymailTrackingEvent) -> None:
    _opt_out(delivery, Contact.Source.RECIPIENT)


NOTED = {
    EventType.DELIVERED: _delivered,
    EventType.BOUNCED: _bounced,
    EventType.REJECTED: _refused,
    EventType.FAILED: _refused,
    EventType.COMPLAINED: _complained,
    EventType.UNSUBSCRIBED: _unsubscribed,
}


@transaction.atomic
def _opt_out(delivery: Delivery, source: str) -> None:
    """Write no more to the contact; not where somebody else got its details and wants no more."""
    try:
        contact = Contact.objects.locked_with_survivor(delivery.contact_id)
    except (ContactGone, Http404):
        return
    if not delivery.share or delivery.share.is_own(delivery.recipient):
        contact.opt_out(source=source, by=contact)


def _is_soft(event: AnymailTrackingEvent) -> bool:
    kind = event.esp_event.get("Type") if isinstance(event.esp_event, dict) else ""
    named = {kind, (event.description or "").partition(":")[0]}
    return bool(named & SOFT_KINDS or SOFT_ANSWER.match(event.mta_response or ""))


def _words(event: AnymailTrackingEvent) -> str:
    return one_line(event.mta_response or event.description or event.reject_reason or "–")[
        :MOST_WORDS
    ]
