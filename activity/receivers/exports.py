"""Takes the files away that name a contact which is deleted for good."""

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from activity.export.forgetting import forget
from contacts.models import Tracked, deleted


@receiver(deleted)
def forget_in_exports(
    sender: type[Tracked], contact_id: Any, accounts: Sequence[Any] = (), **kwargs: Any
) -> None:
    """Have no export keep what was just erased from the log."""
    forget(contact_id, accounts)
