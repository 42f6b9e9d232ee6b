"""Deliveries by state, and the sweep that finds those a lost broker or worker left behind."""

import logging
from datetime import timedelta
from typing import Any, Self
from uuid import UUID

from celery import current_app
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

SWEPT_AT_ONCE = 1_000
# A worker that was told a minute ago and did nothing was never told.
PATIENCE = timedelta(minutes=1)
# A claim is noted a moment after its lock is taken: younger ones are certainly alive.
YOUNG = timedelta(seconds=5)


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
    def nudge(pk: UUID, wait: float = 0) -> None:
        """Tell a worker to send it in so many seconds; where that fails, the sweep does it.

        What becomes of it is nobody's deed: the task acts in nobody's name.
        """
        try:
            current_app.send_task(
                "contacts.tasks.deliver", [str(pk)], countdown=wait, headers={"actor": None}
            )
        except OperationalError as error:
            logger.warning("Delivery %s waits for the next sweep: %s", pk, error)

    def sweep(self) -> None:
        """Nudge for what is due, and note what was in a dead worker's hands as uncertain."""
        now = timezone.now()
        untold = Q(nudged_at__lt=F("due_at")) | Q(nudged_at__lt=now - PATIENCE)
        due = self.queued().filter(untold, due_at__lte=now).order_by("due_at")
        for pk in due.values_list("pk", flat=True)[:SWEPT_AT_ONCE]:
            if self.filter(pk=pk).filter(untold).update(nudged_at=now):
                self.nudge(pk)
        for delivery in self.filter(state="sending", claimed_at__lt=now - YOUNG)[:SWEPT_AT_ONCE]:
            with self.model.held(delivery.pk) as abandoned:
                if abandoned:
                    delivery.lost()
