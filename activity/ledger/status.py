"""How far the log is proven at this moment: for the badge, and for the page that explains it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import connections, router
from django.utils import timezone

from activity.models import ActivityEvent, Checkpoint, LedgerCheck

LATE = timedelta(seconds=60)  # the sealer comes every 10 seconds
OVERDUE = timedelta(hours=48)  # the full check comes every night
COUNTED = 10_000  # pending events; above it they are "10,000+"

_WAITING = """
SELECT min(event_id), (SELECT count(*) FROM (SELECT 1 FROM activity_pending LIMIT %s) AS few)
FROM activity_pending
"""
# All that is older than the oldest pending event is sealed. Ids grow with each event.
_NEWEST_SEALED = """
SELECT event.id, event.recorded_at FROM activity_event AS event
JOIN activity_leaf AS leaf ON leaf.event_id = event.id
WHERE event.id < %s ORDER BY event.id DESC LIMIT 1
"""
_NO_EVENT_YET = 2**63 - 1


class State(StrEnum):
    """What the badge says, worst first."""

    BROKEN = "broken"
    OFF = "off"
    BEHIND = "behind"
    UNCHECKED = "unchecked"
    VERIFIED = "verified"


@dataclass(frozen=True)
class Status:
    """The state of the log's proof.

    - `state`: BROKEN where the newest full check found something, or the sealer refuses to sign;
      OFF where nothing was ever sealed and there is no key to do it; BEHIND where an event has
      waited for more than a minute, or the full check is two days old; UNCHECKED before the first
      full check; else VERIFIED.
    - `up_to`, `up_to_event`: when the newest event was recorded up to which all are sealed, each
      read back and hashed as it was; and its id. None where nothing is.
    - `pending`: how many events wait to be sealed, at most one more than COUNTED;
      `oldest_pending`: since when the oldest of them does.
    - `checked`: the newest full check, which compared every event, or None; `findings` those of it,
      or of the sealer's refusal, that make the state BROKEN, each with `kind`, `event` and
      `expected`.
    - `checkpoint`: the newest one, or None.
    """

    state: State
    up_to: datetime | None
    up_to_event: int | None
    pending: int
    oldest_pending: datetime | None
    checked: LedgerCheck | None
    findings: list[dict[str, Any]]
    checkpoint: Checkpoint | None

    @property
    def is_late(self) -> bool:
        """Tell whether an event has waited to be sealed for longer than it should."""
        return bool(self.oldest_pending) and timezone.now() - self.oldest_pending > LATE

    @property
    def is_overdue(self) -> bool:
        """Tell whether the newest full check is older than it should be."""
        return bool(self.checked) and timezone.now() - self.checked.ended_at > OVERDUE


def status() -> Status:
    """Return how far the log is proven, in six queries that cost the same at any size."""
    newest = LedgerCheck.objects.order_by("-id")
    checked = newest.filter(kind=LedgerCheck.Kind.VERIFY).first()
    sealing = newest.filter(kind=LedgerCheck.Kind.SEAL).first()
    checkpoint = Checkpoint.objects.order_by("-epoch", "-size").first()
    with connections[router.db_for_read(ActivityEvent)].cursor() as cursor:
        cursor.execute(_WAITING, [COUNTED + 1])
        oldest, pending = cursor.fetchone()
        cursor.execute(_NEWEST_SEALED, [_NO_EVENT_YET if oldest is None else oldest])
        event, up_to = cursor.fetchone() or (None, None)
    waiting_since = ActivityEvent.objects.filter(pk=oldest).values_list("recorded_at", flat=True)
    found = Status(
        state=State.VERIFIED,
        up_to=up_to,
        up_to_event=event,
        pending=pending,
        oldest_pending=waiting_since.first() if oldest is not None else None,
        checked=checked,
        findings=[
            finding
            for check in (checked, sealing)
            if check is not None and not check.ok
            for finding in check.findings
        ],
        checkpoint=checkpoint,
    )
    return replace(found, state=_state(found, sealing))


def _state(found: Status, sealing: LedgerCheck | None) -> State:
    if any(check is not None and not check.ok for check in (found.checked, sealing)):
        return State.BROKEN
    if found.checkpoint is None and not settings.ANNALS_LEDGER_KEY:
        return State.OFF
    if found.is_late or found.is_overdue:
        return State.BEHIND
    return State.VERIFIED if found.checked else State.UNCHECKED
