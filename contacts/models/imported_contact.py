"""Which contacts an import added or changed, and from which line of its file."""

from collections.abc import Iterable
from uuid import UUID

import orjson
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

_NOTE = """
INSERT INTO contacts_importedcontact (run_id, contact_id, line, created)
SELECT %s, noted.contact_id, noted.line, noted.created
FROM jsonb_to_recordset(%s::jsonb) AS noted (contact_id uuid, line int, created bool)
ON CONFLICT DO NOTHING
"""


class ImportedContactQuerySet(models.QuerySet):
    """Notes of whom imports were about."""

    def note(self, run_id: UUID, rows: Iterable[tuple[UUID, int, bool]]) -> None:
        """Note whom a run added or is about: the contact, its line, and whether it was added.

        What is noted already stays. One value for all rows costs a tenth of an instance for each.
        """
        names = ("contact_id", "line", "created")
        noted = [dict(zip(names, row, strict=True)) for row in rows]
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, [run_id, orjson.dumps(noted).decode()])


class ImportedContact(models.Model):
    """That a row of an import added a contact, or is about one that was here.

    Who was dealt with once in a file is not dealt with again further down, and what an import
    added can be taken away again. In a dry run, whoever would be added has no id yet: in its place
    stand ids that are made from the addresses.
    """

    pk = models.CompositePrimaryKey("run", "contact_id")
    run = models.ForeignKey(
        "contacts.ImportRun", on_delete=models.CASCADE, related_name="imported", db_index=False
    )
    contact_id = models.UUIDField()
    line = models.PositiveIntegerField()
    created = models.BooleanField()

    objects = ImportedContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("imported contact")
        verbose_name_plural = _("imported contacts")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.line}: {self.contact_id}"
