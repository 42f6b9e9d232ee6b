"""Raw SQL: the least there can be with a record, one UPDATE and one INSERT by psycopg."""

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.utils import timezone
from psycopg import sql

from bench.contenders.django_alone import DjangoAlone

_UPDATE = "UPDATE peers_contact SET job_title = %s, city = %s WHERE id = %s"
_INSERT = "INSERT INTO peers_entry (contact_id, moment, actor, changes) VALUES (%s, %s, %s, %s)"


class Contender(DjangoAlone):
    """Writes both by hand. What is written any other way leaves no record."""

    log = "peers_entry"
    log_object = "contact_id"
    log_moment = "moment"

    def save(self, contact: Any) -> None:
        """Update the two fields that bench.people changes, and say so."""
        changes = json.dumps({"job_title": contact.job_title, "city": contact.city})
        connection.connection.execute(_UPDATE, (contact.job_title, contact.city, contact.pk))
        connection.connection.execute(_INSERT, (contact.pk, timezone.now(), "ada", changes))

    def create(self, contacts: Sequence[Any]) -> None:
        """COPY the contacts, and an entry for each."""
        fields = [field for field in self.contacts._meta.concrete_fields if not field.generated]
        names = [field.column for field in fields]
        rows = ([getattr(each, field.attname) for field in fields] for each in contacts)
        entries = ((each.pk, timezone.now(), "ada", "{}") for each in contacts)
        self.copy("peers_contact", names, rows)
        self.copy("peers_entry", ["contact_id", "moment", "actor", "changes"], entries)

    def copy(self, table: str, columns: Sequence[str], rows: Any) -> None:
        """Write rows into a table by COPY, in a transaction that has begun."""
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with connection.cursor() as cursor, cursor.copy(statement) as copying:
            for row in rows:
                copying.write_row(row)
