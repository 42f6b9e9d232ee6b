"""What changed on a contact's page since it was drawn, found for a page that is open."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from activity.catalogue import LIVING
from activity.filters import Filters
from activity.gathering import attach
from activity.models import ActivityEvent
from contacts.models import Contact, Delivery

LOOKED_AT = 100  # newest events of a contact that are looked at
COUNTED = 50  # beyond this, "50+"
OVERLAP = datetime.timedelta(seconds=5)  # by which clocks may differ, and a commit be late
NOUNS = frozenset(verb.partition(".")[0] for verb in LIVING)


@dataclass(frozen=True)
class Newer:
    """News of a contact, for a page that shows it as it was."""

    after: int  # the newest event that the page knows
    count: int  # how many rows are newer, up to COUNTED + 1
    changed: Sequence[ActivityEvent]  # older rows that show another state now
    is_anything: bool  # whether anything happened at all

    @property
    def is_more_than_counted(self) -> bool:
        """Tell whether there are more rows than were counted."""
        return self.count > COUNTED


def find(
    contact: Contact, filters: Filters, after: int | None, since: datetime.datetime | None
) -> Newer:
    """Return what is newer than the event `after`, and which rows changed `since` a moment.

    A page that does not show the newest events knows only the moment.
    """
    since = (since or timezone.now()) - OVERLAP
    events = ActivityEvent.objects.of(*contact.all_ids)
    columns = ("id", "verb", "object_type", "object_id", "recorded_at")
    latest = list(events.only(*columns)[:LOOKED_AT])
    if after is None:
        after = max((each.id for each in latest if each.recorded_at <= since + OVERLAP), default=0)
    if contact.merged_ids:
        events = events.told_once()
    rows = filters.apply(events.filter(id__gt=after))
    count = rows[: COUNTED + 1].count() if latest and latest[0].id > after else 0
    touched = {each.object_id for each in latest if each.recorded_at > since and _is_state(each)}
    pinned = {e.object_id for e in latest if e.recorded_at > since and e.object_type == "entry"}
    found = _rows_of(touched | _mailed(contact, since), pinned, after)
    attach(found, contact.pk, contact)
    return Newer(after, count, found, bool(found) or any(e.recorded_at > since for e in latest))


def moment(text: str) -> datetime.datetime | None:
    """Return a moment from seconds since 1970 as text, None where it is none."""
    try:
        return datetime.datetime.fromtimestamp(max(float(text), 0), datetime.UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _is_state(event: ActivityEvent) -> bool:
    """Tell whether an event changed what another one's row shows."""
    return event.verb.partition(".")[0] in NOUNS and event.verb not in LIVING


def _mailed(contact: Contact, since: datetime.datetime) -> set[UUID]:
    """Return the messages, invitations and shares whose mail went a step on its way."""
    moved = Q()
    for column in ("claimed_at", "finished_at", "delivered_at"):
        moved |= Q(**{f"{column}__gt": since})
    carried = ("message_id", "invitation_id", "share_id")
    deliveries = Delivery.objects.filter(moved, contact_id__in=contact.all_ids)
    return {pk for ids in deliveries.values_list(*carried) for pk in ids if pk}


def _rows_of(object_ids: set[Any], uids: set[Any], after: int) -> list[ActivityEvent]:
    """Return the events of these living rows, and those of these names, that are not newer."""
    events: list[ActivityEvent] = []
    if object_ids:
        events += ActivityEvent.objects.filter(object_id__in=object_ids, verb__in=LIVING)
    if uids:
        events += ActivityEvent.objects.filter(uid__in=uids)
    return [each for each in {each.id: each for each in events}.values() if each.id <= after]
