"""Takes deleted contacts out of the exports, as they are taken out of the log."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db import connection
from django.db.models import Q

from activity.export.writing import filters_of
from activity.models import ActivityEvent, ActivityExport


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
        # Its words may no longer be found: what they were found in is being erased.
        asked = replace(filters_of(export), words="").apply(events)
        if asked.filter(id__lte=export.ceiling).exists():
            export.restart() if export.is_active else export.let_go()
