"""Turns announced changes of users into events; how they sign in: receivers/factors.py.

Each event of a user's change holds the whole `state` after it, without the password. At COMMIT the
database compares that with the rows (activity/user_guards.py).
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.dispatch import receiver
from django.utils.translation import override

from accounts.changes import UserChange, users_changed
from accounts.roles import Role
from activity.labels import original_labels_of
from activity.recording import Draft, write

STATE = ("email", "name", "active", "superuser", "roles", "permissions")
IDENTITY = ("name", "email")
RIGHTS = ("roles", "superuser", "permissions")


@receiver(users_changed)
def record_users(sender: Any, changes: Sequence[UserChange], **kwargs: Any) -> None:
    """Write what happened to each user."""
    write([draft for change in changes for draft in drafts(change)])


def drafts(change: UserChange) -> list[Draft]:
    """Return the events of a user's change: one for each thing that changed about the user."""
    if not change.before:
        return [_draft(change, "user.created")]
    if change.closes:  # nothing is said of who it was: that is why the account was closed
        return [_draft(change, "user.closed")]
    events = []
    if change.differs(*IDENTITY):
        events.append(_draft(change, "user.renamed", *IDENTITY))
    if change.differs("active"):
        active = change.after["active"]
        events.append(_draft(change, "user.activated" if active else "user.deactivated"))
    if change.differs(*RIGHTS):
        events.append(_draft(change, "user.role_changed", *RIGHTS))
    if change.differs("password"):
        events.append(_draft(change, "user.password_changed"))
    return events


def _draft(change: UserChange, verb: str, *names: str) -> Draft:
    after = change.after
    payload: dict[str, Any] = {
        **change.details,
        "name": "" if change.closes else after["name"] or after["email"],
        "state": {name: after[name] for name in STATE},
    }
    if names:
        labels = original_labels_of("user")
        payload["changes"] = [
            {
                "field": name,
                "label": labels[name],
                "draw": "text",
                "old": _displayed(name, change.before[name]),
                "new": _displayed(name, after[name]),
            }
            for name in names
            if change.differs(name)
        ]
    return Draft(verb, "user", change.user_id, None, payload)


def _displayed(name: str, value: Any) -> str | None:
    """Return a value as people read it in English: of roles and rights, the names."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        with override(settings.LANGUAGE_CODE):
            known = dict(Role.choices)
            return ", ".join(str(known.get(each, each)) for each in value) or None
    return value or None
