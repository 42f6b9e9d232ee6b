"""Notes that somebody looked at the whole log: at most once an hour for the same filters."""

import time
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from accounts.replica import stay_on_primary
from activity.models import ActivityEvent
from activity.recording import Draft, write

HOUR = 3600  # seconds
TEXT = "q"  # what was searched for: it may name somebody who wants to be forgotten one day


def note_view(request: HttpRequest, query: str) -> bool:
    """Write `log.viewed` for whoever may see all of the log; tell whether it was written now.

    `query` is the query string of the filters, without the place in the list. People and filters
    count anew each hour of the clock. The event holds the filters, but not the text searched for.
    """
    user: Any = request.user
    if not user.has_perm("activity.view_activityevent"):
        return False
    filters = sorted(parse_qsl(query))
    hour = _hour()
    # Keyed, as what was searched for could be found by trying names out.
    asked = salted_hmac("activity.viewing", urlencode(filters), algorithm="sha256").hexdigest()
    dedup_key = f"log.viewed:{user.pk}:{hour}:{asked}"
    if ActivityEvent.objects.filter(dedup_key=dedup_key).exists():
        return False
    kept = [pair for pair in filters if pair[0] != TEXT]
    payload = {"query": urlencode(kept), "searched": kept != filters}
    stay_on_primary()  # for the rest of the page, which shows what is noted here
    try:
        with transaction.atomic():
            write([Draft("log.viewed", "log", None, None, payload, dedup_key)])
    except IntegrityError:  # another tab was faster
        return False
    return True


def _hour() -> int:
    """Return the number of the clock's present hour."""
    return int(time.time()) // HOUR
