"""django-pghistory: triggers of PostgreSQL copy each version of a row into a table of events.

Set up as its guide says, with deletions (not tracked by itself) and append-only events, which cost
nothing where events are only added. It records who and where from: a context of each request, which
its middleware opens. Events hold the whole row, not what changed. Nothing is refused for want of an
event, as the trigger writes it; who may change tables may take the trigger away.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pghistory
from annals_columns import UNRECORDED
from django.core.management import call_command
from django.db import models
from pghistory.admin import EventModelAdmin

from bench.contenders.django_alone import AFTER, DjangoAlone


def decorate(model: type[models.Model]) -> type[models.Model]:
    """Have events of each version."""
    trackers = pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent()
    return pghistory.track(*trackers, exclude=UNRECORDED)(model)


class _Events(EventModelAdmin):
    list_display = ("pgh_created_at", "pgh_label", "pgh_context", "job_title", "city")
    list_select_related = ("pgh_context",)
    list_per_page = 50


def register(site: Any, model: type[models.Model]) -> None:
    """Show the events of one model, which its documentation offers.

    Its screen of all events unites all tables of events, and took more than a minute.
    """
    site.register(model.pgh_event_model, _Events)


class Contender(DjangoAlone):
    """Saves as bare Django does; the database does the rest, for bulk and raw SQL too."""

    log = "peers_contactevent"
    log_key = "pgh_id"
    log_object = "pgh_obj_id"
    log_moment = "pgh_created_at"

    def prepare(self) -> None:
        """Install the triggers, which tables made without migrations do not bring."""
        super().prepare()
        call_command("pgtrigger", "install")

    @contextmanager
    def acting(self) -> Iterator[None]:
        """Open a context as its middleware does for a request."""
        with pghistory.context(user=self.user.pk, url="/contacts/"):
            yield

    def overrides(self) -> dict[str, str]:
        """Give each event values of its own."""
        return super().overrides() | AFTER | {self.log_object: "contact"}

    def address(self, pk: UUID) -> str:
        """Return the events of one contact in Django's admin."""
        return f"/admin/peers/contactevent/?obj=peers.contact:{pk}"
