"""django-reversion: each save within a revision copies the row into a version, as JSON.

Set up as its guide says. It records who, and the whole row; bulk writes where they are added to the
revision by hand, raw SQL never. Its admin shows moments, users and comments, not what changed, and
all versions of a row on one page.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import reversion
from annals_columns import UNRECORDED
from django.db import connection, models, transaction
from reversion.admin import VersionAdmin

from bench.contenders.django_alone import BATCH, DjangoAlone


def decorate(model: type[models.Model]) -> type[models.Model]:
    """Have versions of each save."""
    reversion.register(model, exclude=UNRECORDED)
    return model


def register(site: Any, model: type[models.Model]) -> None:
    """Show the versions of a contact, as its documentation says."""
    site.register(model, VersionAdmin)


class Contender(DjangoAlone):
    """Saves as bare Django does, within a revision."""

    log = "reversion_version"
    log_moment = ""

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Open a revision as its middleware does for a request; it is a transaction."""
        with reversion.create_revision():
            reversion.set_user(self.user)
            yield

    def create(self, contacts: Sequence[Any]) -> None:
        """Create contacts by Django's bulk_create, and add each to the revision."""
        self.contacts.objects.bulk_create(contacts, batch_size=BATCH)
        for contact in contacts:
            reversion.add_to_revision(contact)

    def multiply(self, ids: list[UUID], count: int) -> None:
        """Make a revision for each version first."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(max(id), 0) FROM reversion_revision")
            self._last = cursor.fetchone()[0]
            cursor.execute(
                "INSERT INTO reversion_revision (id, date_created, user_id, comment)"
                " SELECT %s + n, now() - make_interval(secs => 2000000 - n), %s, 'Changed'"
                " FROM generate_series(1, %s) AS n",
                [self._last, self.user.pk, count],
            )
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('reversion_revision', 'id'), %s)",
                [self._last + count],
            )
        super().multiply(ids, count)

    def overrides(self) -> dict[str, str]:
        """Let each version be of its own revision."""
        return {self.log_object: "contact::text", "revision_id": f"{self._last} + n"}

    def address(self, pk: UUID) -> str:
        """Return the versions of one contact in Django's admin."""
        return f"/admin/peers/contact/{pk}/history/"
