"""What the mails about a contact say: fills a delivery from templates (templates/mail)."""

import re
from collections.abc import Sequence
from email.headerregistry import Address
from email.utils import parseaddr
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.text import Truncator

from contacts import vcard
from contacts.models.link import address as link_address
from contacts.models.stored_file import single_type
from contacts.rendering import render_mail
from contacts.reply_address import reply_address
from contacts.unsubscribing import unsubscribe_address

if TYPE_CHECKING:
    from contacts.models.attachment import Attachment
    from contacts.models.delivery import Delivery
    from contacts.models.invitation import Invitation
    from contacts.models.message import Message
    from contacts.models.share import Share

MAIL_ID = re.compile(r"<[!-;=?-~]{3,500}>")  # what others chose may be no Message-ID
LONGEST_SUBJECT = 400  # characters


def letter_of_message(message: "Message", delivery: "Delivery") -> None:
    """Write the mail of a message: the text as it was typed, and how to answer or stop it."""
    stop = unsubscribe_address(message.contact)
    context = {"message": message, "stop_address": stop}
    if message.contact.invitations.filter(state="accepted").exclude(role="team").exists():
        context["portal_address"] = f"{settings.SITE_URL}/portal/"
    _write(delivery, "message", message.author, context)
    delivery.headers |= {"Reply-To": reply_address(message)} | _list_headers(stop)
    delivery.headers |= _thread_headers(message)
    delivery.attachments = [_file(each) for each in message.attachments.all()]


def letter_of_invitation(invitation: "Invitation", delivery: "Delivery") -> None:
    """Write the mail of an invitation. Its link is a placeholder until it leaves."""
    stop = unsubscribe_address(invitation.contact)
    context = {
        "invitation": invitation,
        "link": link_address("i"),
        "stop_address": stop,
        "expires_at": timezone.localtime(invitation.expires_at),
    }
    _write(delivery, "invitation", invitation.inviter, context)
    delivery.headers |= {"Reply-To": invitation.inviter.email} | _list_headers(stop)


def letter_of_share(
    share: "Share", delivery: "Delivery", files: "Sequence[Attachment]" = ()
) -> None:
    """Write the mail of a share to one address: exactly the fields that were chosen.

    The contact itself also gets the address by which it says: no more.
    """
    is_own = share.is_own(delivery.recipient)
    context: dict[str, Any] = {
        "share": share,
        "link": link_address("s") if share.has_living_link else "",
        "is_own": is_own,
        "stop_address": unsubscribe_address(share.contact) if is_own else "",
        "files": files,
    }
    _write(delivery, "share", share.sender, context)
    delivery.headers |= {"Reply-To": share.sender.email}
    if is_own:
        delivery.headers |= _list_headers(context["stop_address"])
    delivery.disclosed = share.disclosed
    delivery.attachments = [_file(each) for each in files]
    if share.with_card:
        card = {"name": vcard.file_name(share.told), "type": vcard.TYPE}
        delivery.attachments.append(card | {"text": vcard.write(share.told)})


def _write(delivery: "Delivery", name: str, author: Any, context: dict[str, Any]) -> None:
    site = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, "author": author}
    language = author.language
    with translation.override(language):
        written = render_mail(name, site | context, language=language)
    delivery.subject = Truncator(written.subject).chars(LONGEST_SUBJECT)
    delivery.text, delivery.html = written.text, written.html
    delivery.sender = _sender(author)


def _sender(author: Any) -> str:
    """Return the From header: the author's name, at the address from which Annals may send."""
    ours = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    name = "".join(letter for letter in f"{author} ({settings.SITE_NAME})" if letter.isprintable())
    return str(Address(display_name=name, addr_spec=ours))


def _thread_headers(message: "Message") -> dict[str, str]:
    """Return the headers by which a mail program shows an answer below what it answers."""
    answered = message.in_reply_to
    if answered is None:
        return {}
    key = answered.mail_id or (answered.delivery.mail_id if answered.delivery else "")
    return {"In-Reply-To": key, "References": key} if MAIL_ID.fullmatch(key) else {}


def _list_headers(stop: str) -> dict[str, str]:
    """Return the headers by which a mail program offers to stop this mail (RFC 8058)."""
    return {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _file(attachment: "Attachment") -> dict[str, str]:
    return {
        "name": attachment.name,
        "type": single_type(attachment.content_type),
        "attachment": str(attachment.pk),
        "sha256": attachment.sha256,
    }
