"""What happens to the log each day (UTC), whether or not anything was written.

A heartbeat makes silence visible: a day without one is a day on which nobody looked. Then the
newest checkpoint goes where the database cannot reach it.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone

from activity.ledger import anchors
from activity.ledger.sealing import seal_pending
from activity.models import ActivityEvent, Anchor, Checkpoint
from activity.recording import Draft, write
from contacts.mail_slots import slot
from contacts.models.lease import held

LEASE = UUID(int=0x616E6E616C730003)


def look_after() -> None:
    """Do what is left of the day's work; safe to call at any time, and by several at once.

    Raises Refused and CannotSeal as sealing does, and what the mail's backend raises. What failed
    is tried again with the next call.
    """
    with held(LEASE) as ours:
        if not ours:
            return
        if not ActivityEvent.objects.filter(dedup_key=_heartbeat()).exists():
            seal_pending()
            _beat()
        head = Checkpoint.objects.order_by("-epoch", "-size").first()
        if head and not _left_today(Anchor.Place.FOLDER):
            day = timezone.now().date().isoformat()
            anchors.keep(f"{anchors.DAILY}/{day}-{head.epoch}-{head.size}", head.note)
            _note(head, Anchor.Place.FOLDER)
        if head and settings.LEDGER_ANCHOR_EMAILS and not _left_today(Anchor.Place.MAIL):
            with slot() as free:
                if free:
                    letter(head).send()
                    _note(head, Anchor.Place.MAIL)


def letter(head: Checkpoint) -> EmailMessage:
    """Return the mail that carries a checkpoint off, in its text and as a file."""
    values = {"head": head, "site_name": settings.SITE_NAME, "site_url": settings.SITE_URL}
    mail = EmailMessage(
        render_to_string("activity/mail/anchor_subject.txt", values).strip(),
        render_to_string("activity/mail/anchor.txt", values),
        to=settings.LEDGER_ANCHOR_EMAILS,
    )
    mail.attach("checkpoint.txt", head.note, "text/plain")
    return mail


def _heartbeat() -> str:
    """Return what makes the day's heartbeat one."""
    return f"ledger.sealed {timezone.now().date()}"


def _beat() -> None:
    head = Checkpoint.objects.order_by("-epoch", "-size").first()
    if head is None:
        return
    root = head.note.split("\n")[2]
    payload = {"epoch": head.epoch, "size": head.size, "root": root}
    write([Draft("ledger.sealed", "ledger", None, None, payload, _heartbeat())])
    seal_pending(wait=True)


def _left_today(place: str) -> bool:
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    # What left on a later day did so before the clock was set back, and says nothing of today.
    left = Anchor.objects.filter(place=place, sent_at__gte=today, sent_at__lt=today + timedelta(1))
    return left.exists()


def _note(head: Checkpoint, place: str) -> None:
    Anchor.objects.create(epoch=head.epoch, size=head.size, root=head.root, place=place)
