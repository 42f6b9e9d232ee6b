"""Forgets what somebody has looked at once nobody is that any more."""

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from accounts.changes import UserChange, users_changed
from activity.models import Seen
from contacts.models import Recent, SavedView


@receiver(users_changed)
def forget_looks(sender: Any, changes: Sequence[UserChange], **kwargs: Any) -> None:
    """Let go how far the owners of closed accounts had read, what they opened, and their views."""
    if closed := [change.user_id for change in changes if change.closes]:
        Seen.objects.filter(user_id__in=closed).delete()
        Recent.objects.filter(user_id__in=closed).delete()
        SavedView.objects.filter(owner_id__in=closed).delete()
