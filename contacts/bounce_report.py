"""Mails by which a mail server says that it could not deliver another one (RFC 3464)."""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as Mail
from email.parser import HeaderParser

from contacts.rendering import one_line

STATUS = "message/delivery-status"
FAILED = "failed"
MOST_WORDS = 300  # characters of what a server said


@dataclass(frozen=True)
class Failure:
    """A mail that did not reach `recipient`, and in what words the server said why."""

    recipient: str
    words: str


def is_bounce_report(parts: list[Mail]) -> bool:
    """Tell whether a mail that consists of these parts reports on another one."""
    return any(part.get_content_type() == STATUS for part in parts)


def failures(parts: list[Mail]) -> list[Failure]:
    """Return what finally failed; what is late may arrive yet and is none."""
    return [
        Failure(_value(fields, "Final-Recipient"), _value(fields, "Diagnostic-Code", "Status"))
        for part in parts
        if part.get_content_type() == STATUS
        for fields in _groups(part)
        if str(fields.get("Action", "")).strip().lower() == FAILED
    ]


def _groups(part: Mail) -> Iterator[Mail]:
    """Yield the groups of fields, of which the first is about the mail, each other about one."""
    payload = part.get_payload()
    each = payload if isinstance(payload, list) else [payload]
    text = "\n\n".join(one if isinstance(one, str) else one.as_string() for one in each).replace(
        "\r\n", "\n"
    )
    for group in text.split("\n\n"):
        yield HeaderParser().parsestr(group.strip() + "\n")


def _value(fields: Mail, *names: str) -> str:
    """Return the first of these fields without its type, as in "smtp; 550 No such user"."""
    told = next((str(fields[name]) for name in names if fields[name]), "")
    kind, _semicolon, value = told.partition(";")
    return one_line(value or kind)[:MOST_WORDS]
