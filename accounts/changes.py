"""Announces what changes about users, so that it can be recorded where it is committed.

Whoever writes to users does it inside `announcing`; `save`, the QuerySet's bulk writes and
`assign_role` do. Who is given or loses a group or a right by itself is followed from here, from
both sides. Raw SQL announces nothing: that is what the database's own check is for.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import CharField, F, OuterRef, Value
from django.db.models.functions import Concat
from django.dispatch import Signal

# Sent with `changes`, a list of UserChange, before the transaction ends.
users_changed = Signal()
# Sent with `user` and `removed`, the types of factors taken away, before the transaction ends.
second_factors_removed = Signal()
# Sent with `user` where an administrator has sent a link to set a password.
password_link_sent = Signal()

# The columns of a user that are somebody's business: who it is, and what the account may do.
WATCHED = frozenset({"email", "name", "is_active", "is_superuser", "password"})


@dataclass(frozen=True)
class UserChange:
    """One user's step from `before` to `after`.

    Both hold `email`, `name`, `active`, `superuser`, `roles` and `permissions` (sorted names), and
    `password`, which is only there to be compared. `before` is empty for a new user.
    """

    user_id: UUID
    before: dict[str, Any]
    after: dict[str, Any]
    details: dict[str, Any] = field(default_factory=dict)

    def differs(self, *names: str) -> bool:
        """Tell whether any of these is another than before."""
        return any(self.before.get(name) != self.after[name] for name in names)

    @property
    def closes(self) -> bool:
        """Tell whether the account was closed for good."""
        return self.differs("email") and self.after["email"] == closed_address(self.user_id)


_watched: ContextVar[frozenset[Any]] = ContextVar("users_watched", default=frozenset())


def closed_address(user_id: Any) -> str:
    """Return the address of a closed account: nobody's."""
    return f"{user_id}@closed.invalid"


@contextmanager
def announcing(keys: Iterable[Any], **details: Any) -> Iterator[None]:
    """Announce what the block changes about the users of these keys, as one change of each.

    What another such block around this one already watches is left to that one. Others who change
    the same users wait until the transaction ends.
    """
    watched = _watched.get()
    fresh = [key for key in keys if key not in watched]
    with transaction.atomic():
        before = locked(fresh)
        token = _watched.set(watched.union(fresh))
        try:
            yield
        finally:
            _watched.reset(token)
        announce(before, fresh, **details)


def announce(before: dict[Any, dict[str, Any]], keys: Iterable[Any], **details: Any) -> None:
    """Send `users_changed` for those who are not as they were before."""
    changes = [
        UserChange(key, before.get(key, {}), after, details)
        for key, after in stored(keys).items()
        if before.get(key) != after
    ]
    if changes:
        users_changed.send(sender=get_user_model(), changes=changes)


def locked(keys: Iterable[Any]) -> dict[Any, dict[str, Any]]:
    """Return what `stored` does, with the users locked until the transaction ends.

    In two steps: a query that waits for a lock reads the locked row anew, but not the roles that
    were given meanwhile. They would be taken for a change made here.
    """
    if not (keys := list(keys)):
        return {}
    users = get_user_model()._base_manager.filter(pk__in=keys).order_by("pk")
    return stored(users.select_for_update(no_key=True).values_list("pk", flat=True))


def stored(keys: Iterable[Any]) -> dict[Any, dict[str, Any]]:
    """Return {key: state} of these users as they stand in the database."""
    if not (keys := list(keys)):
        return {}
    groups = Group.objects.filter(user=OuterRef("pk"))
    rights = Permission.objects.filter(user=OuterRef("pk")).order_by()
    right = Concat("content_type__app_label", Value("."), "codename", output_field=CharField())
    rows = (
        get_user_model()
        ._base_manager.filter(pk__in=keys)
        .values(
            "pk",
            "email",
            "name",
            "password",
            active=F("is_active"),
            superuser=F("is_superuser"),
            roles=ArraySubquery(groups.values("name")),
            permissions=ArraySubquery(rights.values(right=right)),
        )
    )
    return {
        row.pop("pk"): row
        | {"roles": sorted(row["roles"]), "permissions": sorted(row["permissions"])}
        for row in rows
    }


def follow_membership(
    instance: Any, action: str, reverse: bool, pk_set: set[Any] | None, **kwargs: Any
) -> None:
    """Announce who was given or lost a group or a right, from whichever side it was done."""
    if action.startswith("pre_"):
        if not reverse:
            keys = {instance.pk}
        elif pk_set is None:  # all of them
            keys = set(instance.user_set.values_list("pk", flat=True))
        else:
            keys = pk_set
        instance._members_before = locked(keys - _watched.get())
    else:
        before = instance.__dict__.pop("_members_before")
        announce(before, before)
