"""django-easy-audit: each save writes the whole row and what changed into one table, as JSON.

Set up as its guide says, for contacts only: requests and sign-ins, which it also can log, are left
off, as nobody else logs them. It reads the row again before each save, and the user before each
entry. The entry is written after the transaction has ended: a crash between the two loses it. Bulk
writes and raw SQL leave nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db import models
from easyaudit.middleware.easyaudit import clear_request, set_current_user
from easyaudit.models import CRUDEvent

from bench.contenders.django_alone import BEFORE_AND_AFTER, DjangoAlone


def register(site: Any, model: type[models.Model]) -> None:
    """Show as many entries on a page as everybody."""
    site.get_model_admin(CRUDEvent).list_per_page = 50


class Contender(DjangoAlone):
    """Saves as bare Django does; receivers of signals write the entry."""

    log = "easyaudit_crudevent"
    log_moment = "datetime"

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Name the user as its middleware does for a request."""
        set_current_user(self.user)
        try:
            yield
        finally:
            clear_request()

    def create(self, contacts: Sequence[Any]) -> None:
        """Save one by one."""
        for contact in contacts:
            contact.save()

    def overrides(self) -> dict[str, str]:
        """Give each entry values of its own."""
        return super().overrides() | {"changed_fields": f"{BEFORE_AND_AFTER}::text"}

    def address(self, pk: UUID) -> str:
        """Return the entries of one contact in Django's admin, as its link from a contact does."""
        kind = ContentType.objects.get_for_model(self.contacts).pk
        return f"/admin/easyaudit/crudevent/?content_type__id={kind}&object_id={pk}"
