"""Sends what is in the outbox, one mail at a time."""

import logging
import time
from collections.abc import Callable
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from functools import partial
from uuid import UUID

from django.core.mail import EmailMultiAlternatives
from django.db import Error, InterfaceError, OperationalError, connection
from django.utils.translation import gettext as _

from contacts.mail_slots import slot
from contacts.models import Attachment, Delivery
from contacts.models.delivery_state import NOTHING_LEFT
from contacts.models.lease import held
from contacts.models.link import path as link_path
from contacts.smtp import EmailBackend, NotNow, Refused, Uncertain

logger = logging.getLogger(__name__)

# Seconds between attempts to note what came of a mail, where the database is away.
NOTING_PAUSES = (0, 1, 2, 5)
# By it we know what comes back to us, and a provider's reports name the delivery.
DELIVERY_HEADER = "X-Annals-Delivery"


def deliver(pk: UUID) -> None:
    """Send that delivery if it is due and nobody else does, and note what came of it.

    That it is being sent is committed before the server hears of it: whatever happens then, the
    same mail does not leave twice. Where mail servers keep too many threads waiting, it is left to
    the sweep.
    """
    with slot() as free, held(pk) as ours:
        claimed = Delivery.claim(pk) if free and ours else None
        if claimed:
            _note(_send(*claimed))


def letter(delivery: Delivery, token: str = "") -> EmailMultiAlternatives:
    """Return a delivery as a mail, with the token of its personal link where that belongs.

    Raises OSError where the file of an attachment can't be read, and others where it is no mail.
    """
    kind = "i" if delivery.invitation_id else "s"
    text, html = (
        each.replace(link_path(kind), link_path(kind, token)) if token else each
        for each in (delivery.text, delivery.html)
    )
    mail = EmailMultiAlternatives(
        delivery.subject,
        text,
        delivery.sender,
        [delivery.recipient],
        headers=delivery.headers
        | {"Message-ID": delivery.mail_id, DELIVERY_HEADER: str(delivery.pk)},
    )
    mail.attach_alternative(html, "text/html")
    for each in delivery.attachments:
        mail.attach(_part(each))
    mail.message()  # raises what would otherwise be raised with a server waiting
    return mail


def _send(delivery: Delivery, token: str) -> Callable[[], bool]:
    """Return how to note what came of sending it."""
    try:
        mail = letter(delivery, token)
    except Exception as error:
        logger.exception("Delivery %s can't be written", delivery.pk)
        return partial(delivery.failed, _why_unwritten(error))
    try:
        backend = mail.get_connection()
        if isinstance(backend, EmailBackend):
            backend.before_text = partial(_hand_over, delivery)  # it alone knows when that is
        else:
            _hand_over(delivery)
        mail.send()
    except Refused as error:
        return partial(delivery.failed, str(error))
    except NotNow as error:
        return partial(delivery.postpone, str(error))
    except Uncertain as error:
        return partial(delivery.lost, str(error))
    except Exception as error:
        logger.exception("Nobody knows whether delivery %s has left", delivery.pk)
        return partial(delivery.lost, _("Sending it broke off: %(why)s") % {"why": error})
    return partial(delivery.sent, getattr(mail, "remote_id", ""))


def _hand_over(delivery: Delivery) -> None:
    """Note that its text leaves now. Raises NotNow where it must not, as that cannot be noted."""
    try:
        ours = delivery.hand_over()
    except Error:
        ours = False
    if not ours:
        raise NotNow(str(NOTHING_LEFT))


def _why_unwritten(error: Exception) -> str:
    if isinstance(error, OSError):
        return _("A file of this mail is no longer there.")
    return _("This mail can’t be written: %(why)s") % {"why": str(error) or type(error).__name__}


def _note(outcome: Callable[[], bool]) -> None:
    """Note what came of a mail, over a new connection where the database went away meanwhile.

    The lease is lost with the old one, so that a sweep may have called the mail uncertain; what is
    noted here counts more.
    """
    for pause in NOTING_PAUSES:
        try:
            outcome()
        except (OperationalError, InterfaceError):
            if not connection.is_usable():
                connection.close()
            time.sleep(pause)
        else:
            return
    outcome()


def _part(attachment: dict[str, str]) -> MIMEBase:
    """Return an attachment byte by byte as it was kept; Django's would change the ends of lines."""
    kind, _slash, subtype = attachment["type"].partition("/")
    part = MIMEBase(kind, subtype)
    part.set_payload(_content(attachment))
    encode_base64(part)
    name = ("utf-8", "", attachment["name"])
    part.add_header("Content-Disposition", "attachment", filename=name)
    return part


def _content(attachment: dict[str, str]) -> bytes:
    if "text" in attachment:
        return attachment["text"].encode()
    kept = Attachment.objects.filter(pk=attachment["attachment"]).first()
    if kept is None:
        raise FileNotFoundError(attachment["name"])
    with kept.file.open("rb") as content:
        return content.read()
