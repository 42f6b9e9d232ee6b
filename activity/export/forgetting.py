"""Takes deleted contacts out of the exports, as they are taken out of the log."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from activity.export.writing import filters_of
from activity.log import LogFilters
from activity.models import ActivityEvent, ActivityExport
from contacts.models import Contact


def forget(contact_ids: Sequence[Any], accounts: Sequence[Any] = ()) -> None:
    """Take away each file with events of these contacts, and have those in the making begin anew.

    `accounts` are the ids of the users that are closed with them.

    To be called in the transaction of the erasure, which an export that is about to be finished
    waits for: it finds that it has to start anew.
    """
    with connection.cursor() as cursor:
        # What begins after this line waits until the erasure is committed.
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtext('annals.export'))")
    people = [*contact_ids, *accounts]
    theirs = Q(contact_id__in=contact_ids) | Q(actor_id__in=people) | Q(object_id__in=people)
    events = ActivityEvent.objects.filter(theirs).order_by()
    exports = ActivityExport.objects.exclude(file="").select_related("made_by")
    for export in exports.select_for_update(of=("self",)):
        if _asked(filters_of(export), events).filter(id__lte=export.ceiling).exists():
            export.restart() if export.is_active else export.let_go()


def _asked(filters: LogFilters, events: QuerySet) -> QuerySet:
    """Return those of the events that a file with these filters may hold.

    Its words may no longer be found: what they were found in is being erased. Whoever was merged
    into its contact when it was written may be parted by now.
    """
    if filters.contact:
        merged = Contact.history.filter(id=filters.contact).values_list("merged_ids", flat=True)
        ever = {filters.contact, *chain.from_iterable(merged)}
        events = events.filter(contact_id__in=ever)
    return replace(filters, contact=None, words="").apply(events)
