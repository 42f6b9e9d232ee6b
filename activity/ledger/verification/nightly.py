"""The full verification of each night, or of the first moment after it at which somebody is up."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from activity.ledger.verification.run import Verification
from activity.models import Checkpoint, LedgerCheck
from contacts.models.lease import held

HOUR = 2  # UTC
_LEASE = UUID(int=0x616E6E616C730004)


def is_due() -> bool:
    """Tell whether the log was not verified since last night, or never, and there is one."""
    hour = timedelta(hours=HOUR)
    today = timezone.now() - hour  # a day that begins at that hour
    night = today.replace(hour=0, minute=0, second=0, microsecond=0) + hour
    # One of the future was made before the clock was set back.
    checks = LedgerCheck.objects.filter(
        kind=LedgerCheck.Kind.VERIFY, began_at__lte=timezone.now() + hour
    )
    newest = checks.order_by("-id").values_list("began_at", flat=True).first()
    return (newest is None or newest < night) and Checkpoint.objects.exists()


def verify_when_due() -> Verification | None:
    """Verify the log where that is due, and note the outcome; None where it is not.

    Of several that call it at once, one does it.
    """
    with held(_LEASE) as ours:
        if not ours or not is_due():
            return None
        verification = Verification()
        for _finding in verification.run():
            pass  # it keeps the first ones
        verification.keep()
        return verification
