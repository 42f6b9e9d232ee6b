"""Sends what is in the outbox, one mail at a time."""

from uuid import UUID

from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext as _

from contacts.models import Attachment, Delivery, Link
from contacts.models.link import address as link_address
from contacts.smtp import NotNow, Refused, Uncertain


def deliver(pk: UUID) -> None:
    """Send that delivery if it is due and nobody else does, and note what came of it.

    That it is being sent is committed before the server hears of it: whatever happens then, the
    same mail does not leave twice.
    """
    with Delivery.held(pk) as mine:
        delivery = Delivery.claim(pk) if mine else None
        if delivery is None:
            return
        try:
            mail = letter(delivery)
        except OSError:
            delivery.failed(_("A file of this mail is no longer there."))
            return
        except ValueError as error:
            delivery.failed(_("This mail can’t be written: %(why)s") % {"why": error})
            return
        try:
            mail.send()
        except Refused as error:
            delivery.failed(str(error))
        except Uncertain:
            delivery.lost()
        except NotNow as error:
            delivery.postpone(str(error))
        else:
            delivery.sent()


def letter(delivery: Delivery) -> EmailMultiAlternatives:
    """Return a delivery as a mail, its placeholder replaced by a new link of its recipient.

    Raises OSError where the file of an attachment can't be read, ValueError where a header is none.
    """
    text, html = delivery.text, delivery.html
    kind = "i" if delivery.invitation else "s"
    if link_address(kind) in text:
        opens = {"invitation": delivery.invitation} if kind == "i" else {"share": delivery.share}
        link = Link.make(**opens, recipient=delivery.recipient)
        text, html = (each.replace(link_address(kind), link) for each in (text, html))
    mail = EmailMultiAlternatives(
        delivery.subject,
        text,
        delivery.sender,
        [delivery.recipient],
        headers=delivery.headers | {"Message-ID": delivery.mail_id},
    )
    mail.attach_alternative(html, "text/html")
    for each in delivery.attachments:
        mail.attach(each["name"], _content(each), each["type"])
    mail.message()  # raises what would otherwise be raised with a server waiting
    return mail


def _content(attachment: dict[str, str]) -> bytes | str:
    if "text" in attachment:
        return attachment["text"]
    kept = Attachment.objects.filter(pk=attachment["attachment"]).first()
    if kept is None:
        raise FileNotFoundError(attachment["name"])
    with kept.file.open("rb") as content:
        return content.read()
