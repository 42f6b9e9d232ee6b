"""Notes what leaves as a file, and takes away what names a contact deleted for good."""

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from activity.export.forgetting import forget
from activity.recording import Draft, write
from contacts.exporting import Form, contacts_exported
from contacts.models import Contact, Tracked, deleted


@receiver(deleted)
def forget_in_exports(
    sender: type[Tracked], contact_ids: Sequence[Any], accounts: Sequence[Any] = (), **kwargs: Any
) -> None:
    """Have no export keep what was just erased from the log."""
    forget(contact_ids, accounts)


@receiver(contacts_exported)
def note_contacts(
    sender: type[Contact], pk: Any, form: Form, total: int, filters: str, **kwargs: Any
) -> None:
    """Note that contacts are taken out, before the first one leaves."""
    payload = {"format": form.label, "total": total, "filters": filters}
    write([Draft("contacts.exported", "export", pk, None, payload)])
