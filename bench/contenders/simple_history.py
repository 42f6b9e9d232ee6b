"""django-simple-history: each save copies the row into a table of versions.

Set up as its guide says. It records who, through its middleware, and the whole row; its admin shows
what differs between two versions. Bulk writes are recorded where its own functions are used instead
of Django's (bulk_create_with_history), raw SQL and QuerySet.update never.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from annals_columns import UNRECORDED
from django.db import models
from simple_history.admin import SimpleHistoryAdmin
from simple_history.models import HistoricalRecords
from simple_history.utils import bulk_create_with_history

from bench.contenders.django_alone import AFTER, BATCH, DjangoAlone

MEMBERS = {"history": HistoricalRecords(excluded_fields=UNRECORDED)}


class _Contacts(SimpleHistoryAdmin):
    history_list_per_page = 50


def register(site: Any, model: type[models.Model]) -> None:
    """Show the history of a contact, as its documentation says."""
    site.register(model, _Contacts)


class Contender(DjangoAlone):
    """Saves as bare Django does; a signal's receiver writes the version."""

    log = "peers_historicalcontact"
    log_key = "history_id"
    log_object = "id"
    log_moment = "history_date"

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Name the request's user as its middleware does."""
        HistoricalRecords.context.request = SimpleNamespace(user=self.user)
        try:
            yield
        finally:
            del HistoricalRecords.context.request

    def create(self, contacts: Sequence[Any]) -> None:
        """Create contacts with its own function, and their first versions."""
        bulk_create_with_history(contacts, self.contacts, batch_size=BATCH, default_user=self.user)

    def overrides(self) -> dict[str, str]:
        """Give each version values of its own, so that two have something to differ in."""
        return super().overrides() | AFTER | {self.log_object: "contact"}

    def address(self, pk: UUID) -> str:
        """Return the history of one contact in Django's admin."""
        return f"/admin/peers/contact/{pk}/history/"
