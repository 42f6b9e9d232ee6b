"""Forgetting: the personal data goes, the bare fact that something happened stays."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import Q

from activity import erasure_notes
from activity.models import ActivityEvent, ActivityOrigin
from activity.models.event import ActivityEventQuerySet
from activity.recording import Draft, write
from contacts.models import Tracked

# They keep their payload: it says what went, and names nobody but who did it.
RECEIPTS = ("contact.deleted", "user.closed")


def erase_contact(contact_id: Any, accounts: Sequence[Any] = ()) -> int:
    """Erase the payloads and versions of all that happened with a contact; return how many events.

    `accounts` are the ids of users that were closed with it: what they did in their portals goes
    with the contact's events, and their sign-ins, which are of no contact, by erasures of their
    own. Client addresses and browsers of contact and accounts go as well, and what Django admin
    has noted about them, as it notes names in a log of its own. That the contact was erased is
    noted outside the database, once it is.
    """
    _forget_origins(contact_id, accounts)
    erased = _erase(ActivityEvent.objects.filter(contact_id=contact_id), "contact", contact_id)
    for account in accounts:
        named = Q(actor_type="user", actor_id=account) | Q(object_type="user", object_id=account)
        erased += _erase(ActivityEvent.objects.filter(named, contact_id=None), "user", account)
    for model in Tracked.__subclasses__():
        versions = model.history.model._base_manager
        versions.filter(**{model.contact_column: contact_id}).delete()
    erasure_notes.keep_later(contact_id)
    LogEntry.objects.filter(object_id__in=map(str, [contact_id, *accounts])).delete()
    return erased


def _erase(events: ActivityEventQuerySet, noun: str, pk: Any) -> int:
    """Erase these events by a new event that says so, and how many they are."""
    events = events.filter(erased_by=None).exclude(verb__in=RECEIPTS)
    erased = events.count()
    contact_id = pk if noun == "contact" else None
    [erasure] = write([Draft("privacy.erased", noun, pk, contact_id, {"events": erased})])
    events.filter(id__lt=erasure).update(payload=None, salt=None, erased_by=erasure)
    return erased


def _forget_origins(contact_id: Any, accounts: Sequence[Any]) -> None:
    """Take address and browser out of where the events of these people came from.

    Whoever opened a personal link did it without signing in.
    """
    theirs = (
        Q(actor_id__in=[contact_id, *accounts])
        | Q(contact_id=contact_id, actor_type="system")
        | Q(verb="user.sign_in_failed", object_id__in=accounts)
    )
    ids = ActivityEvent.objects.filter(theirs).values("origin_id")
    ActivityOrigin.objects.traceable().filter(id__in=ids).update(address=None, user_agent="")
