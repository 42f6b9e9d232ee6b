"""Runs of bulk actions by state and age, and how many invitations they sent."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F, Sum
from django.utils import timezone

ABANDONED_AFTER = timedelta(minutes=1)  # without a sign of life
DRAFTS_KEPT = timedelta(days=1)


class BulkRunQuerySet(models.QuerySet):
    """Runs by state and age."""

    def active(self) -> Self:
        """Return those that are waiting or running."""
        return self.filter(state__in=("queued", "running"))

    def abandoned(self) -> Self:
        """Return the active ones that nobody has worked on for a minute."""
        return self.active().filter(touched_at__lt=timezone.now() - ABANDONED_AFTER)

    def forgotten(self) -> Self:
        """Return the drafts that nobody started within a day."""
        old = timezone.now() - DRAFTS_KEPT
        return self.filter(state="draft", touched_at__lt=old)

    def invited(self, age: timedelta) -> int:
        """Return how many invitations these runs sent, or are about to, since that long ago."""
        recent = self.filter(action="invite", started_at__gt=timezone.now() - age)
        sent = recent.aggregate(sum=Sum("acted"))["sum"] or 0
        return sent + (recent.active().aggregate(sum=Sum(F("total") - F("done")))["sum"] or 0)
