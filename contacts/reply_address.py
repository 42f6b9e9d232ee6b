"""Addresses to which a recipient answers, so that the answer finds its message."""

import base64
import hmac
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from contacts.models.message import Message

PREFIX = "reply+"
SIGNATURE_BYTES = 10  # 80 bits: enough where each guess is a mail


def reply_address(message: "Message") -> str:
    """Return where an answer to this message goes.

    Without INBOUND_DOMAIN that is the author's own mailbox; with it, a signed address of ours. It
    is written in lower case and digits, as mail servers may change the case (RFC 5321, 2.4).
    """
    if not settings.INBOUND_DOMAIN:
        return message.author.email
    local = f"{PREFIX}{_base32(message.pk.bytes)}{_signature(message.pk)}"
    return f"{local}@{settings.INBOUND_DOMAIN}"


def message_replied_to(address: str) -> UUID | None:
    """Return the id of the message that such an address answers, None where it is none of ours."""
    local, _at, domain = address.strip().lower().rpartition("@")
    if domain != settings.INBOUND_DOMAIN.lower() or not local.startswith(PREFIX):
        return None
    name, signature = local.removeprefix(PREFIX)[:26], local.removeprefix(PREFIX)[26:]
    try:
        key = UUID(bytes=base64.b32decode(f"{name}======".upper()))
    except ValueError:
        return None
    # A mail that was sent under an earlier key is answered, too.
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if hmac.compare_digest(signature.encode(), _signature(key, secret).encode()):
            return key
    return None


def _signature(key: UUID, secret: str | bytes | None = None) -> str:
    made = salted_hmac("contacts.reply", key.hex, secret, algorithm="sha256")
    return _base32(made.digest()[:SIGNATURE_BYTES])


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()
