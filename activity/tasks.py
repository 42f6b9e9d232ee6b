"""What Celery runs for the log; the modules it calls do the work."""

import hashlib
import logging

from celery import shared_task
from django.core.cache import cache

from activity import erasure_notes
from activity.export.writing import write
from activity.inbox import digest
from activity.ledger import daily, sealing
from activity.ledger.refusal import CannotSeal, Refused
from activity.ledger.verification.nightly import verify_when_due
from activity.models import ActivityExport, ActivityOrigin, Notification
from contacts.ending import ending

logger = logging.getLogger(__name__)

SEALING_SECONDS = 5  # of one turn; what is left has its turn with the next one
QUIET_SECONDS = 3600  # until the same reason for not sealing is told again


@shared_task
def sweep_pending() -> None:
    """Seal what waits (beat, every 10 seconds)."""
    try:
        sealing.seal_pending(seconds=SEALING_SECONDS)
    except Refused as refused:
        if refused.is_news:
            logger.error("The log is not sealed any more, expected: %s", refused)
    except CannotSeal as problem:
        _tell_once(problem)


@shared_task
def look_after_ledger() -> None:
    """Write the day's heartbeat, and have the newest checkpoint leave (beat, every 5 minutes)."""
    try:
        daily.look_after()
    except Refused:
        return  # told where it was noted, by `sweep_pending`
    except (CannotSeal, OSError) as problem:  # mail servers that do not answer are the latter
        _tell_once(problem)


@shared_task
def verify_ledger() -> None:
    """Verify the whole log once a night (beat, every minute: machines sleep, too)."""
    verification = verify_when_due()
    if verification and verification.found:
        logger.error(
            "The log does not hold. Findings: %s; the first one: %s",
            verification.found,
            verification.findings[0],
        )


@shared_task
def forget_clients() -> None:
    """Take out client addresses and browsers whose ORIGIN_DAYS are over (beat, daily)."""
    ActivityOrigin.objects.forget_clients()


@shared_task
def keep_erasure_notes() -> None:
    """Note the erasures that could not be noted when they happened (beat, daily)."""
    erasure_notes.keep_missing()


@shared_task
def sweep_digests() -> None:
    """Mail those who want it what waits unread in their inbox (beat, every minute)."""
    digest.sweep()


@shared_task
def forget_old_notifications() -> None:
    """Delete the notifications that are older than 90 days (beat, daily)."""
    Notification.objects.forget_old()


@shared_task
def run_export(export_id: str) -> None:
    """Write what is left of an export; one that is gone or over is no error."""
    for export in ActivityExport.objects.filter(pk=export_id):
        write(export)
        if ending.is_set():
            export.nudge()  # only now: it is not held any more


@shared_task
def sweep_exports() -> None:
    """Pick up the exports whose worker died or whose message got lost (beat, twice a minute)."""
    ActivityExport.sweep()


@shared_task
def expire_exports() -> None:
    """Take away the exported files whose EXPORT_DAYS are over (beat, daily)."""
    ActivityExport.expire()


def _tell_once(problem: Exception) -> None:
    digest = hashlib.sha256(str(problem).encode()).hexdigest()
    if cache.add(f"ledger:{digest}", value=True, timeout=QUIET_SECONDS):
        logger.warning("%s", problem)
