"""Whom a timeline or record can be filtered by."""

from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.dispatch import receiver

from accounts.changes import users_changed
from accounts.models import User
from activity.models.event import Actor

MOST = 100
KEPT_SECONDS = 60  # what is left of a name that changed while it was being read
KEY = "people-to-filter-by"


def offered() -> list[Actor]:
    """Return the active users by name, the first MOST of them."""
    return cache.get_or_set(KEY, _read, KEPT_SECONDS)


def _read() -> list[Actor]:
    users = User.objects.active().order_by("name").only("name", "email")[:MOST]
    return [Actor(user.pk, str(user)) for user in users]


@receiver(users_changed)
def forget(sender: Any, **kwargs: Any) -> None:
    """Read them anew once the change of a user is committed."""
    transaction.on_commit(lambda: cache.delete(KEY))
