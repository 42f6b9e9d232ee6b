"""vCards: contacts as files that phones and mail programs exchange, in version 4.0 (RFC 6350).

Own code, because vobject 0.9.9 knows no 4.0, and folds by characters instead of octets. Those of
others are read by contacts.importing.cards.
"""

import re
from collections.abc import Iterable
from datetime import UTC

from django.utils.translation import gettext as _

from contacts.models.contact import Contact

TYPE = "text/vcard"  # RFC 6350, 10.1
FOLD_AT = 75  # octets of a line, without its end

_TO_ESCAPE = re.compile(r"[\\;,]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_UNUSUAL = re.compile(r"[\\;,\x00-\x08\x0a-\x1f\x7f]")  # all that `_escaped` changes
_NOT_IN_A_FILE_NAME = re.compile(r"[^\w .,@+-]|^\.+")


def write(contact: Contact) -> str:
    """Return the contact as a vCard 4.0, lines ended by CRLF. What is empty is left out.

    To tell only some of its fields, give it `Contact.as_told(...)`: that has no date, which would
    tell when something last happened, and perhaps no name, which a card can't be without.
    """
    names = (
        contact.family_name, contact.given_name, contact.middle_name, contact.honorific,
        contact.suffix,
    )  # fmt: skip
    address = (
        "", "", contact.street, contact.city, contact.region, contact.postal_code, contact.country
    )  # fmt: skip
    revised = contact.last_activity_at and contact.last_activity_at.astimezone(UTC)
    lines = [
        "BEGIN:VCARD",
        "VERSION:4.0",
        f"UID:urn:uuid:{contact.pk}",
        revised and f"REV:{revised:%Y%m%dT%H%M%SZ}",
        f"FN:{_escaped(contact.name or _('Contact'))}",
        any(names) and f"N:{_joined(names, ';')}",
        contact.organisation and f"ORG:{_escaped(contact.organisation)}",
        contact.job_title and f"TITLE:{_escaped(contact.job_title)}",
        *(f"EMAIL{_preference(n)}:{_escaped(e)}" for n, e in enumerate(contact.emails)),
        *(f"TEL{_preference(n)}{_phone(phone)}" for n, phone in enumerate(contact.phones)),
        any(address) and f"ADR:{_joined(address, ';')}",
        contact.website and f"URL:{_CONTROLS.sub('', contact.website)}",
        contact.tags and f"CATEGORIES:{_joined(contact.tags, ',')}",
        contact.notes and f"NOTE:{_escaped(contact.notes)}",
        "END:VCARD",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines if line)


def file_name(contact: Contact) -> str:
    """Return what to call the file of a contact's card."""
    name = _NOT_IN_A_FILE_NAME.sub("", contact.name).strip()[:100]
    return f"{name or 'contact'}.vcf"


def _preference(index: int) -> str:
    return "" if index else ";PREF=1"


def _phone(kept: str) -> str:
    """Return the value of a TEL: an address to dial where the number is one, else plain text."""
    return f";VALUE=uri:tel:{kept}" if kept.startswith("+") else f":{_escaped(kept)}"


def _joined(values: Iterable[str], separator: str) -> str:
    return separator.join(map(_escaped, values))


def _escaped(text: str) -> str:
    if not _UNUSUAL.search(text):
        return text
    escaped = _TO_ESCAPE.sub(r"\\\g<0>", text.replace("\r\n", "\n"))
    return _CONTROLS.sub("", escaped).replace("\n", "\\n")


def _folded(line: str) -> str:
    """Return the line in pieces of at most 75 octets, no character torn apart (RFC 6350, 3.2)."""
    octets = line.encode()
    if len(octets) <= FOLD_AT:
        return line
    pieces, start, end = [], 0, FOLD_AT
    while end < len(octets):
        while octets[end] & 0xC0 == 0x80:  # in the middle of a character (RFC 3629, 3)
            end -= 1
        pieces.append(octets[start:end])
        start, end = end, end + FOLD_AT - 1  # after the space that a piece begins with
    return b"\r\n ".join([*pieces, octets[start:]]).decode()
