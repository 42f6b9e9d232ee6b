"""What all contenders have in common: Django, a contact, somebody who acts, and no record of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, models, transaction

BATCH = 1_000  # rows of one INSERT, for everybody
# What copies of an entry say, as SQL in which `n` counts them: the two fields that bench.people
# changes as they were afterwards, and each with what it was before.
AFTER = {"job_title": "'Buyer ' || n", "city": "'Lagos ' || n"}
BEFORE_AND_AFTER = """jsonb_build_object('job_title', jsonb_build_array('Buyer ' || n,
    'Buyer ' || n + 1), 'city', jsonb_build_array('Lagos ' || n, 'Turin ' || n))"""


class DjangoAlone:
    """Bare Django. A library's contender says what it does differently.

    `log` is the table of its record, with the columns that hold the contact's id and the moment.
    """

    contact_model = "peers.Contact"
    log = ""
    log_key = "id"
    log_object = "object_id"
    log_moment = "timestamp"
    is_filled = False  # with entries to be shown

    def prepare(self) -> None:
        """Make the tables, and the user who acts."""
        call_command("migrate", verbosity=0)
        call_command("migrate", run_syncdb=True, verbosity=0)  # what refers to tables of the first
        self.make_user()

    def make_user(self) -> None:
        """Make somebody who may do everything."""
        get_user_model().objects.create_superuser("ada", "ada@annals.example", None)

    @property
    def contacts(self) -> type[models.Model]:
        """Return the model of contacts."""
        return apps.get_model(self.contact_model)

    @property
    def user(self) -> Any:
        """Return the user who acts."""
        if not hasattr(self, "_user"):
            self._user = get_user_model().objects.get(email="ada@annals.example")
        return self._user

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Run the block as something that the user does, as the middleware does for a request."""
        yield

    def save(self, contact: Any) -> None:
        """Save a contact that was changed, with its record. Runs in a transaction."""
        contact.save()

    def settle(self) -> None:
        """Do what a worker would do later, so that what it stores is counted."""

    def forget(self) -> None:
        """Let go what is kept of pages between two requests."""

    def create(self, contacts: Sequence[Any]) -> None:
        """Create contacts by the fastest way that the library offers to do that with a record."""
        self.contacts.objects.bulk_create(contacts, batch_size=BATCH)

    def records(self, ids: Sequence[UUID]) -> int:
        """Return how many entries there are about these contacts."""
        if not self.log:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM {self.log}"  # noqa: S608 - names of our own
                f" WHERE {self.log_object}::text = ANY(%s)",
                [[str(each) for each in ids]],
            )
            return cursor.fetchone()[0]

    def address(self, pk: UUID) -> str:
        """Return the address of the page that shows a contact's record; "" where it has none."""
        return ""

    def multiply(self, ids: Sequence[UUID], count: int) -> None:
        """Add `count` entries of one changed contact, spread evenly over the contacts.

        They are copies of the newest entry with other ids, moments and values: the library's own
        way to record would take hours for a million, and they would look the same.
        """
        columns, values = self._copied(self.overrides())
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {self.log} ({columns}) SELECT {values}"  # noqa: S608 - our own names
                f" FROM (SELECT * FROM {self.log} ORDER BY {self.log_key} DESC LIMIT 1) AS newest,"
                " generate_series(1, %(count)s) AS n,"
                " LATERAL (SELECT (%(ids)s::uuid[])[1 + n %% %(contacts)s] AS contact) AS chosen"
                " ORDER BY n",
                {"count": count, "ids": list(ids), "contacts": len(ids)},
            )

    def overrides(self) -> dict[str, str]:
        """Return {column: SQL} of what differs between copies of an entry.

        `n` counts the copies and `contact` is the id of the contact.
        """
        return {
            self.log_object: "contact::text",
            self.log_moment: "now() - make_interval(secs => 2000000 - n)",
        }

    def _copied(self, overrides: dict[str, str]) -> tuple[str, str]:
        """Return the columns of an entry and what to put there, as SQL; its key counts itself."""
        with connection.cursor() as cursor:
            description = connection.introspection.get_table_description(cursor, self.log)
        names = [column.name for column in description if column.name != self.log_key]
        values = [overrides.get(name, f'newest."{name}"') for name in names]
        return ", ".join(f'"{name}"' for name in names), ", ".join(values)
