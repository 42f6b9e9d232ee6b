"""What permissions are called. Only migrations change that, so each process keeps it."""

from collections.abc import Set
from typing import Any

from django.contrib.auth.models import Permission
from django.db.models.signals import post_migrate
from django.dispatch import receiver

_names: dict[int, str] = {}


def names_of(ids: Set[int]) -> frozenset[str]:
    """Return the permissions of these ids as "app.codename"."""
    if not ids <= _names.keys():
        rows = Permission.objects.values_list("pk", "content_type__app_label", "codename")
        _names.update({pk: f"{label}.{codename}" for pk, label, codename in rows.order_by()})
    return frozenset(_names[pk] for pk in ids)


@receiver(post_migrate)
def forget(**kwargs: Any) -> None:
    """Read them anew: a migration may have renamed some."""
    _names.clear()
