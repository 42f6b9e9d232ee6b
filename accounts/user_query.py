"""Questions about users, and how they are made and changed in bulk."""

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import Group
from django.db import models
from django.utils.translation import gettext

from accounts.changes import WATCHED, announcing
from accounts.roles import Role

if TYPE_CHECKING:
    from accounts.models import User

# What other apps want to know of whoever is signed in: {attribute: SQL over accounts_user}.
_read_along: dict[str, str] = {}

# Asked with each request: a statement that Django puts together would cost more than its answer.
WITH_RIGHTS = """
SELECT accounts_user.*,%(along)s
    ARRAY(
        SELECT permission_id FROM accounts_user_groups JOIN auth_group_permissions USING (group_id)
        WHERE user_id = accounts_user.id
    ) AS role_rights,
    ARRAY(
        SELECT permission_id FROM accounts_user_user_permissions WHERE user_id = accounts_user.id
    ) AS own_rights
FROM accounts_user WHERE id = %%s
"""


def read_along(attribute: str, expression: str) -> None:
    """Have an SQL expression over `accounts_user` read with whoever is signed in.

    It is an attribute of that person in each request, at the price of no query.
    """
    _read_along[attribute] = expression


@cache
def _with_rights(along: tuple[tuple[str, str], ...]) -> str:
    columns = "".join(f"\n    {expression} AS {name}," for name, expression in along)
    return WITH_RIGHTS % {"along": columns}


class UserQuerySet(models.QuerySet["User"]):
    """Users by role and state, whose bulk writes announce everyone they change."""

    def active(self) -> "UserQuerySet":
        """Return those who may sign in."""
        return self.filter(is_active=True)

    def administrators(self) -> "UserQuerySet":
        """Return the active administrators: those whom to ask about accounts."""
        return self.active().filter(groups__name=Role.ADMINISTRATOR).order_by("name")

    def can_spare(self, keys: Iterable[Any]) -> bool:
        """Tell whether an active administrator is left without the users of these keys.

        Nobody else is told so until the transaction ends: two cannot switch off each other.
        """
        Group.objects.select_for_update().get(name=Role.ADMINISTRATOR)
        return self.administrators().exclude(pk__in=keys).exists()

    def update(self, **values: Any) -> int:
        """Update all in one statement and announce those who really changed."""
        if WATCHED.isdisjoint(values):
            return super().update(**values)
        keys = list(self.order_by("pk").values_list("pk", flat=True))
        with announcing(keys):
            return models.QuerySet(self.model, using=self.db).filter(pk__in=keys).update(**values)

    update.alters_data = True

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Insert all in as few statements as possible and announce each."""
        users = list(objs)
        with announcing([user.pk for user in users]):
            return super().bulk_create(users, *args, **kwargs)

    bulk_create.alters_data = True

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse: see User.delete."""
        raise models.ProtectedError(gettext("Users are deactivated, never deleted."), set(self))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    """Creates users; the email address is the name they sign in with."""

    def with_permissions(self, key: Any) -> "User | None":
        """Return the user of that id with the ids of all permissions, by roles and single ones."""
        return next(iter(self.raw(_with_rights(tuple(_read_along.items())), [key])), None)

    def create_user(
        self, email: str, password: str | None = None, role: str | None = None, **fields: Any
    ) -> "User":
        """Create a user, with a role where one is named.

        Without a password, the user sets one through the password reset. Raises IntegrityError
        where the address is taken.
        """
        user = self.model(email=email, **fields)
        user.set_password(password)
        with announcing([user.pk]):
            user.save(using=self._db)
            if role:
                user.assign_role(role)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an administrator who may do everything, for `manage.py createsuperuser`."""
        return self.create_user(
            email, password, role=Role.ADMINISTRATOR, is_superuser=True, **fields
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user with that address, whatever its case."""
        return self.get(email=(username or "").strip().lower())
