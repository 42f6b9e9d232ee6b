"""Tells people where they are mentioned, and forgets what was told to those who are gone."""

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from accounts.changes import UserChange, users_changed
from activity.models import Notification
from contacts.models import Comment, Follow, Mention, mentioned


@receiver(mentioned)
def tell(sender: type[Comment], comment: Comment, user_ids: Sequence[Any], **kwargs: Any) -> None:
    """Tell whoever a comment names now, and did not name before."""
    Notification.objects.tell_mentioned(comment.pk, user_ids)


@receiver(users_changed)
def forget_closed(sender: Any, changes: Sequence[UserChange], **kwargs: Any) -> None:
    """Let go what closed accounts followed, where they were mentioned, and what they were told."""
    if closed := [change.user_id for change in changes if change.closes]:
        for model in (Notification, Follow, Mention):
            model._base_manager.filter(user_id__in=closed).delete()
