"""The parts of mails: their texts, contents and names, however malformed they came."""

import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message as Mail
from typing import Any

from contacts.values import storable

LONGEST_RAW = 400_000  # characters of a text that are looked at
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def leaves(mail: Mail) -> Iterator[Mail]:
    """Yield the parts in their order, without going into mails that are attached."""
    waiting = [mail]
    while waiting:
        part = waiting.pop()
        payload: Any = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting.extend(reversed(payload))
        elif payload:
            yield part


def decoded(header: object) -> str:
    """Return what a header says, with its encoded words (RFC 2047) where they can be read."""
    raw = str(header)
    try:
        return storable(str(make_header(decode_header(raw))))
    except (LookupError, ValueError, HeaderParseError):
        return storable(raw)


def content_of(part: Mail) -> bytes:
    """Return what a part holds; of a mail within a mail, all of it."""
    payload: Any = part.get_payload()
    if isinstance(payload, list):
        return b"\n".join(each.as_bytes() for each in payload)
    content: Any = part.get_payload(decode=True)
    return content or b""


def text_of(part: Mail) -> str:
    """Return the text of a part; bytes that are none in its charset become signs of doubt."""
    raw = content_of(part)
    try:
        text = raw.decode(str(part.get_content_charset("utf-8")), errors="replace")
    except (LookupError, ValueError):  # a charset that nobody knows
        text = raw.decode("utf-8", errors="replace")
    text = storable(text[:LONGEST_RAW]).replace("\r\n", "\n").replace("\r", "\n")
    return UNPRINTABLE.sub("", text)


def file_name(part: Mail) -> str:
    """Return what a part is called as a file; empty where it is none."""
    try:
        return part.get_filename() or ""
    except (LookupError, ValueError):  # it is called something, in a charset that reads nothing
        return default_name(part)


def default_name(part: Mail) -> str:
    """Return what a file is called that has no name."""
    return "mail.eml" if part.get_content_maintype() == "message" else "file"
