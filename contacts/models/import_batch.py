"""Some rows of an import at a time: what they add, what they change, and those that do neither."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.db import DataError, IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _

from contacts.importing.cleaning import BadRecord, require_a_name
from contacts.importing.records import Record
from contacts.models import import_update
from contacts.models.changes import Change
from contacts.models.contact import Contact
from contacts.models.import_match import Matches
from contacts.models.import_preview import LONGEST_VALUE, contact_of
from contacts.models.imported_contact import ImportedContact
from contacts.models.tag import Tag

if TYPE_CHECKING:
    from contacts.models.importing import ImportRun

# Imports take turns in looking who is here already, so that two of one file add nobody twice.
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('annals.import'))"
_UPDATES = {"fill": import_update.fill, "overwrite": import_update.overwrite}

Pair = tuple[Record, Contact]


class Batch:
    """Records on their way to the database.

    `size` is how many they are, `created` and `updated` are those that get in, `failures` the
    fields of the ImportFailures of all others.
    """

    def __init__(self, run: "ImportRun", records: Sequence[Record]) -> None:
        """Read the records, without asking the database."""
        self.run, self.size = run, len(records)
        self.created: list[Pair] = []
        self.updated: list[Pair] = []
        self.failures: list[dict[str, Any]] = []
        self._good: list[Pair] = []
        for record in records:
            try:
                self._good.append((record, contact_of(record)))
            except BadRecord as bad:
                self._fail(record, bad.value, bad.reason)

    def save(self) -> None:
        """Add and change contacts, inside a transaction; in a dry run only find out which."""
        if self.run.dry_run:
            self._sort_out(lock=False)
            self._note_stand_ins()
            return
        with connection.cursor() as cursor:
            cursor.execute(_LOCK)
        self._sort_out(lock=self.run.existing in _UPDATES)
        self.created = self._written(self.created, self._create)
        self.updated = self._written(self.updated, self._update)
        pairs = [(pair, True) for pair in self.created] + [(pair, False) for pair in self.updated]
        ImportedContact.objects.note(
            self.run.pk,
            ((contact.pk, record.line, created) for (record, contact), created in pairs),
        )

    def samples(self, what: str, count: int) -> list[dict[str, Any]]:
        """Return what the first rows would become, for people to look at.

        `what` is "created" or "updated".
        """
        pairs = (self.created if what == "created" else self.updated)[:count]
        return [
            {
                "what": what,
                "line": record.line,
                "name": contact.name,
                "changes": import_update.told(contact) if what == "updated" else [],
            }
            for record, contact in pairs
        ]

    def _sort_out(self, *, lock: bool) -> None:
        """Decide of each row what becomes of it. Whose row came before in this file stays out."""
        rows = [row for _record, row in self._good]
        import_update.spell_tags(rows)
        matches = Matches(rows, whole=self.run.existing in _UPDATES, lock=lock)
        seen = self._seen(matches)
        for record, row in self._good:
            found = matches.of(row)
            keys = [*(contact.pk for contact in found), *_known_by(row)]
            before = next((seen[key] for key in keys if key in seen), None)
            if before is not None:
                reason = _("About the same as line %(line)s") % {"line": before}
                self._fail(record, row.email or row.name, reason, skipped=True)
                continue
            try:
                if self._take(record, row, found, matches):
                    seen |= dict.fromkeys(keys, record.line)
            except BadRecord as bad:
                self._fail(record, bad.value, bad.reason)

    def _take(self, record: Record, row: Contact, found: list[Contact], matches: Matches) -> bool:
        """Have a row add or change a contact. Returns False where there is nothing to do."""
        if not found:
            require_a_name(row.__dict__)
            self.created.append((record, row))
            return True
        contact = found[0]
        update = _UPDATES.get(self.run.existing)
        if update is None or contact.is_archived:
            reason = _("Already here, in the archive: %(name)s") if contact.is_archived else _(
                "Already here: %(name)s"
            )  # fmt: skip
            self._fail(
                record, matches.shared(row, contact), reason % {"name": contact}, skipped=True
            )
            return False
        if rival := next((each for each in matches.all_of(row) if each != contact), None):
            reason = _("%(name)s and %(other)s are both meant. Merge them, or correct the row.")
            names = {"name": contact, "other": rival}
            raise BadRecord(matches.shared(row, contact), reason % names)
        update(contact, row)
        if not contact.unsaved():
            reason = _("Already here, and nothing to change: %(name)s") % {"name": contact}
            self._fail(record, matches.shared(row, contact), reason, skipped=True)
            return False
        try:
            import_update.require_valid(contact)
        except BadRecord:
            for name, (old, _new) in contact.unsaved().items():
                setattr(contact, name, old)
            raise
        self.updated.append((record, contact))
        return True

    def _seen(self, matches: Matches) -> dict[Any, int]:
        """Return {id or address: line} of what earlier rows of this file were about."""
        known: dict[UUID, Any] = {pk: pk for pk in matches.contacts}
        if self.run.dry_run:
            known |= {
                self._stand_in(key): key for _record, row in self._good for key in _known_by(row)
            }
        if not known:
            return {}
        earlier = self.run.imported.filter(contact_id__in=list(known))
        return {known[pk]: line for pk, line in earlier.values_list("contact_id", "line")}

    def _note_stand_ins(self) -> None:
        """Note whom a dry run would add or change, so that later rows are known to be theirs."""
        ids = {
            pk: record.line
            for record, contact in (*self.created, *self.updated)
            for pk in (contact.pk, *map(self._stand_in, _known_by(contact)))
        }
        ImportedContact.objects.note(self.run.pk, ((pk, line, False) for pk, line in ids.items()))

    def _stand_in(self, key: str) -> UUID:
        return uuid5(self.run.pk, key)

    def _written(self, pairs: list[Pair], write: Callable[[list[Pair]], None]) -> list[Pair]:
        """Write all at once, or where the database refuses that, one by one; return what is in."""
        try:
            with transaction.atomic():
                write(pairs)
            return pairs
        except (DataError, IntegrityError):
            written = []
        for pair in pairs:
            try:
                with transaction.atomic():
                    write([pair])
                written.append(pair)
            except (DataError, IntegrityError):
                self._fail(pair[0], str(pair[1]), _("The database refused this row."))
        return written

    def _create(self, pairs: list[Pair]) -> None:
        Contact.objects.bulk_create(
            [contact for _record, contact in pairs],
            verb="contact.imported",
            details=[self._origin(record) for record, _contact in pairs],
        )
        Tag.remember({tag for _record, contact in pairs for tag in contact.tags})

    def _update(self, pairs: list[Pair]) -> None:
        contacts = [contact for _record, contact in pairs]
        names = sorted({name for contact in contacts for name in contact.unsaved()})
        if not names:
            return
        # They are locked: nobody has changed them since, and the database counts one version up.
        plain: models.QuerySet[Contact] = models.QuerySet(Contact)
        plain.bulk_update(contacts, names)
        changes = []
        for record, contact in pairs:
            before = contact.loaded
            contact.version += 1
            contact.remember()
            verb, origin = contact.verb("updated"), self._origin(record)
            changes.append(Change(contact, verb, before, contact.loaded, origin))
        Contact.announce(changes)
        Tag.remember({tag for contact in contacts for tag in contact.tags})

    def _origin(self, record: Record) -> dict[str, Any]:
        return {"file": self.run.name, "import": str(self.run.pk), "line": record.line}

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


def _known_by(row: Contact) -> list[str]:
    return [*row.external_ids, *row.emails]
