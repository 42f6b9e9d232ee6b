"""django-auditlog: each save writes what changed into one table, as JSON.

Set up as its guide says. It records who, from which address, and old and new values of what
changed, for which it reads the row again before each save. Bulk writes and raw SQL leave nothing;
to create many contacts with a record they are saved one by one.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from annals_columns import UNRECORDED
from auditlog.context import set_actor
from auditlog.mixins import AuditlogHistoryAdminMixin
from auditlog.registry import auditlog
from django.contrib import admin
from django.db import models

from bench.contenders.django_alone import BEFORE_AND_AFTER, DjangoAlone


def decorate(model: type[models.Model]) -> type[models.Model]:
    """Have entries of each save."""
    auditlog.register(model, exclude_fields=UNRECORDED)
    return model


class _Contacts(AuditlogHistoryAdminMixin, admin.ModelAdmin):
    auditlog_history_per_page = 50


def register(site: Any, model: type[models.Model]) -> None:
    """Show the entries of a contact, as its documentation says."""
    site.register(model, _Contacts)


class Contender(DjangoAlone):
    """Saves as bare Django does; receivers of signals write the entry."""

    log = "auditlog_logentry"
    log_object = "object_pk"

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Name the actor as its middleware does for a request."""
        with set_actor(self.user, "127.0.0.1"):
            yield

    def create(self, contacts: Sequence[Any]) -> None:
        """Save one by one."""
        for contact in contacts:
            contact.save()

    def overrides(self) -> dict[str, str]:
        """Give each entry values of its own."""
        return super().overrides() | {"changes": BEFORE_AND_AFTER}

    def address(self, pk: UUID) -> str:
        """Return the entries of one contact in Django's admin."""
        return f"/admin/peers/contact/{pk}/auditlog/"
