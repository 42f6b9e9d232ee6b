"""A batch of a bulk action's contacts: locked together, written together, told apart in the log."""

import logging
from collections.abc import Iterable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import DataError, IntegrityError, transaction

from contacts.models.blocking import Blocked, TooMany
from contacts.models.bulk_skip import BulkSkip, Skipped
from contacts.models.contact import Contact
from contacts.models.together import together
from contacts.models.tracking import StaleRow

if TYPE_CHECKING:
    from contacts.models.bulk import BulkRun

logger = logging.getLogger(__name__)


def act_on(run: "BulkRun", contact_ids: list[Any]) -> dict[Any, str]:
    """Do what a run does with these contacts; return {id: why nothing was done, or an empty text}.

    Where the database refuses them together, each is tried by itself, so that one fails alone.
    """
    try:
        with transaction.atomic():
            here = Contact.objects.unmerged().filter(pk__in=contact_ids)
            found = here.order_by("pk").select_for_update()
            there = {contact.pk: contact for contact in found}
            if run.action == "owner":
                _name_owners(there.values())
            merged = _merged([pk for pk in contact_ids if pk not in there])
            with together(Contact):
                return merged | {
                    pk: _outcome(run, there.get(pk)) for pk in contact_ids if pk not in merged
                }
    except (DataError, IntegrityError, StaleRow, TypeError, ValueError):
        if len(contact_ids) > 1:
            return {pk: act_on(run, [pk])[pk] for pk in contact_ids}
        logger.exception("Bulk action %s failed for contact %s", run.pk, contact_ids[0])
        return {contact_ids[0]: BulkSkip.Reason.ERROR}


def _merged(absent: list[Any]) -> dict[Any, str]:
    """Return {id: reason} of those that are merged into another contact by now."""
    there = Contact.objects.filter(pk__in=absent).values_list("pk", flat=True) if absent else ()
    return dict.fromkeys(there, BulkSkip.Reason.MERGED)


def _outcome(run: "BulkRun", contact: Contact | None) -> str:
    if contact is None:
        return BulkSkip.Reason.DELETED
    try:
        # What sends mail may have written before it meets an obstacle; the others look first.
        with transaction.atomic() if run.kind.mails else nullcontext():
            return "" if run.kind.act(run, contact) else BulkSkip.Reason.ALREADY
    except (Skipped, Blocked) as obstacle:
        return obstacle.reason
    except TooMany:
        return BulkSkip.Reason.OFTEN


def _name_owners(contacts: Iterable[Contact]) -> None:
    """Read the names of the contacts' owners at once: events tell them."""
    owners = {contact.owner_id for contact in contacts}
    users = get_user_model()._base_manager.in_bulk(owners)
    names = {pk: str(user) for pk, user in users.items()}
    for contact in contacts:
        contact.owner_names = names
