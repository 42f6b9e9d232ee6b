"""What a row of a file would become, before anything is written."""

from dataclasses import dataclass

from contacts.importing.cleaning import BadRecord, contact_values
from contacts.importing.records import Record
from contacts.models import import_update
from contacts.models.contact import Contact

LONGEST_VALUE = 500  # characters of what is wrong with a row that are shown


def contact_of(record: Record) -> Contact:
    """Return the contact that a record makes, not saved. Raises BadRecord."""
    contact = Contact(**contact_values(record))
    import_update.require_valid(contact)
    return contact


@dataclass(frozen=True)
class Preview:
    """What a record would become: a contact, or a problem and the text that has it."""

    line: int
    contact: Contact | None
    value: str = ""
    problem: str = ""

    @classmethod
    def of(cls, record: Record) -> "Preview":
        """Return the preview of a record."""
        try:
            return cls(record.line, contact_of(record))
        except BadRecord as bad:
            return cls(record.line, None, bad.value[:LONGEST_VALUE], bad.reason)
