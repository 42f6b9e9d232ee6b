"""The roles of the team, and what each may do: one table."""

from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """A user has exactly one; in the database it is the group of that name."""

    VIEWER = "viewer", _("Viewer")
    MEMBER = "member", _("Member")
    MANAGER = "manager", _("Manager")
    ADMINISTRATOR = "administrator", _("Administrator")


VIEWS = ("contacts.view_contact",)
WORKS = (
    "contacts.add_contact",
    "contacts.change_contact",
    "contacts.archive_contact",
    "contacts.add_comment",
    "contacts.change_comment",
    "contacts.add_message",
)
MANAGES = (
    "contacts.import_contacts",
    "contacts.export_contacts",
    "contacts.delete_contact",
    "contacts.moderate_comment",
    "contacts.add_invitation",
    "contacts.add_share",
    "contacts.act_in_bulk",
    "contacts.merge_contacts",
    "contacts.share_views",
)
# `app.*` stands for all permissions of that app, `accounts.access_admin` among them.
ADMINISTERS = ("accounts.*", "contacts.*", "activity.*", "auth.view_group")

PERMISSIONS: dict[Role, tuple[str, ...]] = {
    Role.VIEWER: VIEWS,
    Role.MEMBER: VIEWS + WORKS,
    Role.MANAGER: VIEWS + WORKS + MANAGES,
    Role.ADMINISTRATOR: ADMINISTERS,
}


def grant_permissions(using: str = "default", apps: Any = installed, **kwargs: Any) -> None:
    """Give each role's group exactly the permissions of the table, after every `migrate`.

    The permissions of the table are created here where they do not exist yet, so that the order in
    which apps are migrated does not matter. Raises LookupError where the table names a permission
    that no model has.
    """
    if not any(model._meta.label == "accounts.User" for model in apps.get_models()):
        return  # its tables, and so those of the groups, are not there yet
    for label in {name.partition(".")[0] for names in PERMISSIONS.values() for name in names}:
        create_permissions(installed.get_app_config(label), verbosity=0, using=using)
    permissions = installed.get_model("auth", "Permission").objects.using(using)
    groups = installed.get_model("auth", "Group").objects.using(using)
    for role, names in PERMISSIONS.items():
        granted: set[int] = set()
        for name in names:
            label, _dot, codename = name.partition(".")
            wanted = {} if codename == "*" else {"codename": codename}
            keys = permissions.filter(content_type__app_label=label, **wanted).values_list("pk")
            if not keys and wanted:
                raise LookupError(f"No model has the permission {name}.")
            granted.update(pk for (pk,) in keys)
        group, _created = groups.get_or_create(name=role.value)
        group.permissions.set(granted)
