"""Changes of users, and the events that they leave."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import Group

from accounts.models import User
from activity.models import ActivityEvent


def group(name: str) -> Group:
    return Group.objects.get(name=name)


def happened(user: User, change: Callable[[], Any]) -> list[ActivityEvent]:
    """Make a change and return the events of that user which it wrote, oldest first."""
    seen = set(ActivityEvent.objects.values_list("pk", flat=True))
    change()
    events = ActivityEvent.objects.filter(object_type="user", object_id=user.pk).order_by("pk")
    return [event for event in events if event.pk not in seen]


def verbs(user: User, change: Callable[[], Any]) -> list[str]:
    return [event.verb for event in happened(user, change)]


def values(event: ActivityEvent) -> dict[str, tuple[Any, Any]]:
    return {each["label"]: (each["old"], each["new"]) for each in event.payload["changes"]}
