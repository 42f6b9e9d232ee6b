"""Runs of bulk actions by state and age, and how many invitations they sent."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Sum
from django.utils import timezone

from contacts.models.clock import silent

ABANDONED_AFTER = timedelta(minutes=1)  # without a sign of life
DRAFTS_KEPT = timedelta(days=1)


class BulkRunQuerySet(models.QuerySet):
    """Runs by state and age."""

    def active(self) -> Self:
        """Return those that are waiting or running."""
        return self.filter(state__in=("queued", "running"))

    def abandoned(self) -> Self:
        """Return the active ones that nobody has worked on for a minute."""
        return self.active().filter(silent("touched_at", ABANDONED_AFTER))

    def forgotten(self) -> Self:
        """Return the drafts that nobody started within a day."""
        old = timezone.now() - DRAFTS_KEPT
        return self.filter(state="draft", touched_at__lt=old)

    def forget(self, contact_ids: Sequence[Any]) -> None:
        """Empty what was typed for the actions on contacts that are over, as `forget_old` does."""
        ended = self.filter(contact_ids__overlap=contact_ids, finished_at__isnull=False)
        ended.update(parameters={}, query="")

    def forget_old(self) -> int:
        """Empty what was typed for the actions that ended IMPORT_FAILURE_DAYS ago; return how many.

        That is the reason, note or text, and what the contacts were searched for by.
        """
        old = timezone.now() - timedelta(days=settings.IMPORT_FAILURE_DAYS)
        overdue = self.filter(finished_at__lt=old).exclude(parameters={}, query="")
        return overdue.update(parameters={}, query="")

    def invited(self, age: timedelta) -> int:
        """Return how many invitations these runs sent, or are about to, since that long ago."""
        recent = self.filter(action="invite", started_at__gt=timezone.now() - age)
        sent = recent.aggregate(sum=Sum("acted"))["sum"] or 0
        return sent + (recent.active().aggregate(sum=Sum(F("total") - F("done")))["sum"] or 0)
