"""Forgetting: the personal data goes, the bare fact that something happened stays."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import connection
from django.db.models import Count, Q

from activity import erasure_notes, parted
from activity.models import ActivityEvent, ActivityOrigin
from activity.models.event_query import ActivityEventQuerySet
from activity.recording import Draft, write
from contacts.models import Contact, Tracked

# They keep their payload: it says what went, and names nobody but who did it.
RECEIPTS = ("contact.deleted", "user.closed")


# Each event goes with the erasure of its own contact; the receipts stay.
_ERASE = """
UPDATE activity_event AS event SET payload = NULL, salt = NULL, erased_by = erasure.id
FROM unnest(%s::uuid[], %s::bigint[]) AS erasure (contact_id, id)
WHERE event.contact_id = erasure.contact_id AND event.id < erasure.id
  AND event.erased_by IS NULL AND event.verb <> ALL(%s)
"""


def erase_contacts(contact_ids: Sequence[Any], accounts: Sequence[Any] = ()) -> int:
    """Erase the payloads and versions of all that happened with contacts; return how many events.

    `accounts` are the ids of users that were closed with them: what they did in their portals goes
    with the contact's events, and their sign-ins, which are of no contact, by erasures of their
    own. So does what events and versions of other contacts say of those that were merged into them
    once and parted again. Client addresses and browsers of contacts and accounts go as well, and
    what Django admin has noted about them, as it notes names in a log of its own. That a contact
    was erased is noted outside the database, once it is.
    """
    _forget_origins(contact_ids, accounts)
    erased = _erase_mentions(contact_ids) + _erase_events(contact_ids)
    for account in accounts:
        named = Q(actor_type="user", actor_id=account) | Q(object_type="user", object_id=account)
        erased += _erase(ActivityEvent.objects.filter(named, contact_id=None), "user", account)
    for model in Tracked.__subclasses__():
        versions = model.history.model._base_manager
        versions.filter(**{f"{model.contact_column}__in": contact_ids}).delete()
    erasure_notes.keep_later(contact_ids)
    LogEntry.objects.filter(object_id__in=map(str, [*contact_ids, *accounts])).delete()
    return erased


def _erase_events(contact_ids: Sequence[Any]) -> int:
    """Erase the events of each contact by a new event that says so, and how many they are."""
    theirs = ActivityEvent.objects.filter(contact_id__in=contact_ids, erased_by=None)
    of_each = theirs.exclude(verb__in=RECEIPTS).order_by().values_list("contact_id")
    counts = dict(of_each.annotate(Count("pk")))
    drafts = [
        Draft("privacy.erased", "contact", pk, pk, {"events": counts.get(pk, 0)})
        for pk in contact_ids
    ]
    with connection.cursor() as cursor:
        cursor.execute(_ERASE, [list(contact_ids), write(drafts), list(RECEIPTS)])
    return sum(counts.values())


def _erase_mentions(contact_ids: Sequence[Any]) -> int:
    """Erase what other contacts keep of these, which they were merged with once; how many events.

    It is the merges by which their log tells of these, and what they had from these meanwhile.
    """
    erased = 0
    for pk, other in parted.partings(contact_ids):
        versions, numbers = parted.take_out(pk, other)
        told = Q(payload__merged__id=str(pk)) | Q(payload__parted__id=str(pk))
        told |= Q(payload__into__id=str(pk))
        told |= Q(payload__row_version__in=numbers, object_type="contact", object_id=other)
        events = ActivityEvent.objects.filter(told, contact_id=other)
        if other not in contact_ids and (versions or events.exists()):
            erased += _erase(events, "contact", other, of_contact=other)
            _replace(versions)
    return erased


def _replace(versions: Sequence[Any]) -> None:
    """Put versions in place of those with the same keys; to be called after their erasure."""
    rows = Contact.history.model._base_manager
    rows.filter(pk__in=[version.pk for version in versions]).delete()
    rows.bulk_create(versions)


def _erase(events: ActivityEventQuerySet, noun: str, pk: Any, of_contact: Any = None) -> int:
    """Erase these events, all of one contact or of none, by a new event that says how many."""
    events = events.filter(erased_by=None).exclude(verb__in=RECEIPTS)
    erased = events.count()
    [erasure] = write([Draft("privacy.erased", noun, pk, of_contact, {"events": erased})])
    events.filter(id__lt=erasure).update(payload=None, salt=None, erased_by=erasure)
    return erased


def _forget_origins(contact_ids: Sequence[Any], accounts: Sequence[Any]) -> None:
    """Take address and browser out of where the events of these people came from.

    Whoever opened a personal link did it without signing in.
    """
    theirs = (
        Q(actor_id__in=[*contact_ids, *accounts])
        | Q(contact_id__in=contact_ids, actor_type="system")
        | Q(verb="user.sign_in_failed", object_id__in=accounts)
    )
    ids = ActivityEvent.objects.filter(theirs).values("origin_id")
    ActivityOrigin.objects.traceable().filter(id__in=ids).update(address=None, user_agent="")
