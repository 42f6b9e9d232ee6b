"""Deliveries by state, and the sweep that finds those a lost broker or worker left behind."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import F, Func, Q
from django.shortcuts import get_object_or_404
from django.utils import timezone

from contacts.broker import Broker
from contacts.models.clock import reached, silent
from contacts.models.lease import held

TASK = "contacts.tasks.deliver"
SWEPT_AT_ONCE = 1_000
# A worker that was told a minute ago and did nothing was never told.
PATIENCE = timedelta(minutes=1)

# What rows of a timeline and entries of a record show of a delivery, in the order of the model.
TIMES = ("created_at", "due_at", "finished_at", "delivered_at")
SHOWN = ("id", "recipient", "attachments", "state", "attempts", *TIMES, "error")
TOLD = """ARRAY(
    SELECT jsonb_build_object(%(fields)s) FROM contacts_delivery
    WHERE %(column)s = %(expressions)s ORDER BY id DESC
)"""


class DeliveryQuerySet(models.QuerySet):
    """Deliveries by state."""

    def queued(self) -> Self:
        """Return those that wait."""
        return self.filter(state="queued")

    def latest_of(self, column: str, keys: Any) -> dict[Any, list[Any]]:
        """Return {key: its deliveries, newest first} for "message", "invitation" or "share"."""
        found: dict[Any, list[Any]] = {}
        rows = self.filter(**{f"{column}__in": list(keys)}).defer("text", "html").order_by("-id")
        for row in rows:
            found.setdefault(getattr(row, f"{column}_id"), []).append(row)
        return found

    @staticmethod
    def told_of(column: str) -> Func:
        """Return the annotation by which rows bring along their deliveries, for `heard`.

        `column` is "message", "invitation" or "share". A query of its own would cost more than
        all that it finds, and so would an expression that Django puts together each time.
        """
        return Func(
            F("pk"),
            template=TOLD,
            fields=", ".join(f"'{name}', {name}" for name in SHOWN),
            column=f"{column}_id",
            output_field=ArrayField(models.JSONField()),
        )

    def heard(self, told: Iterable[Mapping[str, Any]]) -> list[Any]:
        """Return deliveries, newest first, as `told_of` has brought them: what is shown of them."""
        return [
            self.model.from_db(self.db, SHOWN, [_value(name, each[name]) for name in SHOWN])
            for each in told
        ]

    def put_back(self) -> None:
        """Queue again what was cancelled before it left."""
        now = timezone.now()
        for pk in self.filter(state="cancelled").values_list("pk", flat=True):
            queued = {"state": "queued", "finished_at": None, "error": "", "nudged_at": now}
            self.filter(pk=pk).update(**queued)
            transaction.on_commit(lambda pk=pk: Broker.tell(TASK, pk), robust=True)

    @transaction.atomic
    def repeat(self, pk: Any, *, by: Any) -> bool:
        """Send again what a delivery carries, to its recipient, because the user `by` says so.

        Returns False where it is on its way, arrived, or was sent again. Raises Http404, and what
        its message, invitation or share raises: Blocked, TooMany, IntegrityError.
        """
        delivery, about = self._with_its_thing(pk)
        return about.send_again(delivery.recipient, by=by)

    @transaction.atomic
    def take_back(self, pk: Any, *, by: Any) -> bool:
        """Take back what a delivery carries before it leaves. Returns False where it is too late.

        Raises Http404.
        """
        delivery, about = self._with_its_thing(pk)
        return delivery.state == "queued" and about.take_back(by=by)

    @transaction.atomic
    def note_arrived(self, pk: Any) -> bool:
        """Note that somebody knows that a mail arrived. False where it is known; raises Http404."""
        delivery, _about = self._with_its_thing(pk)
        return delivery.arrived()

    def _with_its_thing(self, pk: Any) -> tuple[Any, Any]:
        """Return a delivery, and its message, invitation or share, locked after its contact."""
        rows: Any = self
        about = get_object_or_404(rows, pk=pk).about
        about = type(about).objects.locked(about.pk)
        return self.select_related("message", "invitation", "share").get(pk=pk), about

    def sweep(self) -> None:
        """Nudge for what is due, and note what was in a dead worker's hands."""
        self._note_abandoned()
        now = timezone.now()
        untold = Q(nudged_at__lt=F("due_at")) | silent("nudged_at", PATIENCE)
        due = self.queued().filter(untold, reached("due_at")).order_by("due_at")
        found = list(due.values_list("pk", flat=True)[: self._room()])
        told = [pk for pk in found if Broker.tell(TASK, pk)]
        self.filter(pk__in=told).update(nudged_at=now)

    def _note_abandoned(self) -> None:
        """A worker takes the lease before it claims: what is claimed without one has lost it."""
        for delivery in self.filter(state="sending").defer("text", "html")[:SWEPT_AT_ONCE]:
            with held(delivery.pk) as abandoned:
                if abandoned:
                    delivery.abandoned()

    @staticmethod
    def _room() -> int:
        """Return how many nudges fit: slow or dead workers are not told again and again."""
        waiting = Broker.waiting(TASK)
        return 0 if waiting is None else max(0, SWEPT_AT_ONCE - waiting)


def _value(name: str, told: Any) -> Any:
    return datetime.fromisoformat(told) if told and name in TIMES else told
