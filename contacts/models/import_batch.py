"""Some rows of an import at a time: those that make contacts, and those that don't."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from contacts.importing.cleaning import BadRecord, contact_values
from contacts.importing.records import Record
from contacts.models.contact import Contact
from contacts.models.tag import Tag

LONGEST_VALUE = 500  # characters of what is wrong with a row that are shown
# Imports take turns in looking who is here already, so that two of one file add nobody twice.
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('annals.import'))"


def contact_of(record: Record) -> Contact:
    """Return the contact that a record makes, not saved. Raises BadRecord."""
    contact = Contact(**contact_values(record))
    try:
        contact.clean_fields(exclude={"id", "version", "owner", "archived_at"})
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        label = capfirst(Contact._meta.get_field(name).verbose_name)
        value = getattr(contact, name)
        shown = value if isinstance(value, str) else ", ".join(value)
        raise BadRecord(shown, f"{label}: {messages[0]}") from None
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


def _names_by_email(emails: list[str]) -> dict[str, str]:
    """Return {email: name} of the contacts that have one of those emails.

    PostgreSQL expects hundreds of emails to match most of a table that has just grown, and would
    read all of it (measured among 37,000 contacts: 870 ms instead of 24 ms).
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        found = list(Contact.objects.filter(emails__overlap=emails).order_by().defer("notes"))
        cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")
    return {email: contact.name for contact in found for email in contact.emails}


class Batch:
    """Records on their way to the database. `failures` are the fields of their ImportFailures."""

    def __init__(self, file: str, run_id: Any, records: Iterable[Record]) -> None:
        """Read the records. `file` and `run_id` go into the event of each contact."""
        self.origin = {"file": file, "import": str(run_id)}
        self.failures: list[dict[str, Any]] = []
        self.good: list[tuple[Record, Contact]] = []
        for record in records:
            try:
                self.good.append((record, contact_of(record)))
            except BadRecord as bad:
                self._fail(record, bad.value, bad.reason)

    def save(self) -> list[dict[str, Any]]:
        """Add the contacts that are not here yet, inside a transaction. Returns all failures."""
        with connection.cursor() as cursor:
            cursor.execute(_LOCK)
        new = self._new()
        try:
            self._create(new)
        except (DataError, IntegrityError):
            for pair in new:
                try:
                    self._create([pair])
                except (DataError, IntegrityError):
                    self._fail(pair[0], str(pair[1]), _("The database refused this row."))
        return self.failures

    def _new(self) -> list[tuple[Record, Contact]]:
        emails = [email for _record, contact in self.good for email in contact.emails]
        here = _names_by_email(emails)
        new = []
        for record, contact in self.good:
            known = next((email for email in contact.emails if email in here), None)
            if known:
                reason = _("Already here: %(name)s") % {"name": here[known]}
                self._fail(record, known, reason, skipped=True)
            else:
                here |= dict.fromkeys(contact.emails, contact.name)
                new.append((record, contact))
        return new

    @transaction.atomic
    def _create(self, pairs: list[tuple[Record, Contact]]) -> None:
        tags = {tag for _record, contact in pairs for tag in contact.tags}
        spelled = {tag.lower(): tag for tag in Tag.spelled(tags)}
        for _record, contact in pairs:
            contact.tags = [spelled[tag.lower()] for tag in contact.tags]
        Contact.objects.bulk_create(
            [contact for _record, contact in pairs],
            verb="contact.imported",
            details=[self.origin | {"line": record.line} for record, _contact in pairs],
        )
        Tag.remember(spelled.values())

    def _fail(self, record: Record, value: str, reason: str, *, skipped: bool = False) -> None:
        self.failures.append(
            {
                "line": record.line,
                "value": value[:LONGEST_VALUE],
                "reason": reason,
                "skipped": skipped,
                "cells": record.cells,
            }
        )
