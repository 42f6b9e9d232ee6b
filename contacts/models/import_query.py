"""Imports by state and age."""

from datetime import timedelta
from typing import Self

from django.db import models
from django.utils import timezone

from contacts.models.clock import silent

ABANDONED_AFTER = timedelta(minutes=1)  # without a sign of life
DRAFTS_KEPT = timedelta(days=1)


class ImportRunQuerySet(models.QuerySet):
    """Runs by state and age."""

    def active(self) -> Self:
        """Return those that are waiting, running or being reverted."""
        return self.filter(state__in=("queued", "running", "reverting"))

    def abandoned(self) -> Self:
        """Return the active ones that nobody has worked on for a minute."""
        return self.active().filter(silent("touched_at", ABANDONED_AFTER))

    def forgotten(self) -> Self:
        """Return the drafts, tried or not, that nobody started within a day."""
        old = timezone.now() - DRAFTS_KEPT
        tried = models.Q(dry_run=True) & ~models.Q(state__in=("queued", "running"))
        return self.filter(models.Q(state="draft") | tried, touched_at__lt=old)
