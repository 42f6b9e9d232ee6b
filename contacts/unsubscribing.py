"""The address in a mail by which its recipient says: no more."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer

if TYPE_CHECKING:
    from contacts.models.contact import Contact

_signer = Signer(salt="contacts.unsubscribe", sep=".")


def unsubscribe_address(contact: "Contact") -> str:
    """Return the full address that stops all mail to this contact. It never expires."""
    return f"{settings.SITE_URL}/u/{_signer.sign(contact.pk.hex)}/"


def contact_to_stop(token: str) -> UUID | None:
    """Return the id of the contact that such an address is for, None where it is none of ours."""
    try:
        return UUID(_signer.unsign(token))
    except (BadSignature, ValueError):
        return None
