"""Who may read what of an event."""

from typing import Any

from activity.models import ActivityEvent
from contacts.models import Comment


def may_see(event: ActivityEvent, viewer: Any) -> bool:
    """Tell whether a member of the team may know of an event at all."""
    return not event.kind.private or viewer.has_perm("activity.view_activityevent")


def may_read_content(event: ActivityEvent, viewer: Any) -> bool:
    """Tell whether they may also read what it says: of a deleted comment only moderators may."""
    return (
        event.object_type != "comment"
        or viewer.has_perm("contacts.moderate_comment")
        or Comment.objects.filter(pk=event.object_id, deleted_at=None).exists()
    )
