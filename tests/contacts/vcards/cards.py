"""vCards as tests write and read them."""

import io
from typing import Any

from contacts.importing.cleaning import BadRecord, contact_values
from contacts.importing.inspection import inspect

FIELDS = (
    "honorific", "given_name", "middle_name", "family_name", "suffix", "organisation", "job_title",
    "street", "postal_code", "city", "region", "country",
)  # fmt: skip


def read(text: str) -> list[Any]:
    """Return for each card the contact's fields, or (line, reason)."""
    file = io.BytesIO(text.encode())
    found: list[Any] = []
    for record in inspect(file).records(file):
        try:
            found.append({k: v for k, v in contact_values(record).items() if v})
        except BadRecord as bad:
            found.append((record.line, bad.reason))
    return found


def card(*lines: str, version: str = "3.0") -> str:
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""])
