"""Keeps a restored installation from doing once more what was done after its backup was made."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from activity.models import ActivityExport, Notification
from contacts.models import BulkRun, Delivery


@dataclass(frozen=True)
class Held:
    """How many mails, and how many bulk actions that send some, wait for a person now."""

    mails: int
    runs: int


@transaction.atomic
def hold() -> Held:
    """Leave it to people whether what waited to be sent is sent: it may have left since.

    Mails become uncertain, with their two buttons; bulk actions that mail are stopped; what inboxes
    hold stays unread there, and is not mailed.
    """
    now = timezone.now()
    waiting = Delivery.objects.filter(state__in=("queued", "sending"))
    why = _("It waited when the backup was made, and may have left before that was restored.")
    waiting.update(state=Delivery.State.UNCERTAIN, error=why, finished_at=now)
    # Those of a restore that was interrupted before count as well.
    mails = Delivery.objects.filter(state=Delivery.State.UNCERTAIN, error=why).count()
    runs = [run for run in BulkRun.objects.active() if run.kind.mails]
    for run in runs:
        run.stop()
    Notification.objects.waiting().update(mailed_at=now)
    return Held(mails, len(runs))


@transaction.atomic
def make_exports_again() -> None:
    """Have exports in the making begin anew, and end those that are done: no backup has files."""
    for export in ActivityExport.objects.active():
        export.restart()
    ActivityExport.objects.finished().update(expires_at=timezone.now())
