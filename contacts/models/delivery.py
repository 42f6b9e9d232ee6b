"""The outbox: everything that is mailed, as it leaves, and how far it got."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contacts.models.delivery_query import DeliveryQuerySet

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
MOST_ATTEMPTS = 8
# From the first pause to the longest in equal ratios over all attempts but the first.
GROWTH = (LONGEST_PAUSE / FIRST_PAUSE) ** (1 / (MOST_ATTEMPTS - 2))


class Delivery(models.Model):
    """One mail to one address: queued -> sending -> sent, failed, bounced, cancelled or uncertain.

    What is to be sent never changes after the row was made: a trigger refuses it. `due_at` is when
    it may leave, at first and after a failed attempt. It is mailed for a message, an invitation or
    a share. Where its worker died between handing it over and noting it, it is uncertain: then a
    person decides, never a program.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Not sent")
        BOUNCED = "bounced", _("Bounced")
        CANCELLED = "cancelled", _("Cancelled")
        UNCERTAIN = "uncertain", _("Perhaps sent")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contact = models.ForeignKey(
        "contacts.Contact", on_delete=models.CASCADE, related_name="deliveries"
    )
    message = models.ForeignKey(
        "contacts.Message", on_delete=models.CASCADE, null=True, related_name="deliveries"
    )
    invitation = models.ForeignKey(
        "contacts.Invitation", on_delete=models.CASCADE, null=True, related_name="deliveries"
    )
    share = models.ForeignKey(
        "contacts.Share", on_delete=models.CASCADE, null=True, related_name="deliveries"
    )
    recipient = models.EmailField(_("to"), max_length=254)
    sender = models.CharField(_("from"), max_length=400)
    subject = models.CharField(_("subject"), max_length=400)
    text = models.TextField()
    html = models.TextField()
    headers = models.JSONField(default=dict)
    attachments = models.JSONField(default=list)  # {name, type} with an attachment's id or a text
    disclosed = models.JSONField(default=list)  # {field, label, value} of the contact
    mail_id = models.CharField(max_length=250, unique=True)
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    due_at = models.DateTimeField(default=timezone.now)
    nudged_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        default_permissions = ("view",)
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                name="delivery_of_one_thing",
                condition=Q(message__isnull=False, invitation__isnull=True, share__isnull=True)
                | Q(message__isnull=True, invitation__isnull=False, share__isnull=True)
                | Q(message__isnull=True, invitation__isnull=True, share__isnull=False),
            )
        ]
        indexes = [
            models.Index(
                "due_at",
                name="delivery_unfinished",
                condition=Q(state__in=("queued", "sending")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.recipient}"

    def save(self, **kwargs: Any) -> None:
        """Insert the row with its Message-ID, the same in every attempt, and nudge a worker."""
        is_new = self._state.adding
        self.mail_id = self.mail_id or mail_id(self.pk)
        self.nudged_at = max(self.nudged_at, self.due_at)
        super().save(**kwargs)
        if is_new:
            wait = max(0.0, (self.due_at - timezone.now()).total_seconds())
            transaction.on_commit(lambda: DeliveryQuerySet.nudge(self.pk, wait), robust=True)

    @property
    def about(self) -> Any:
        """Return the message, invitation or share that it carries."""
        return self.message or self.invitation or self.share

    @property
    def is_pending(self) -> bool:
        """Tell whether it is still on its way out."""
        return self.state in {self.State.QUEUED, self.State.SENDING}

    @property
    def may_repeat(self) -> bool:
        """Tell whether it came to an end from which a person may send it again."""
        return self.state not in {self.State.QUEUED, self.State.SENDING, self.State.SENT}

    @classmethod
    @contextmanager
    def held(cls, pk: UUID) -> Iterator[bool]:
        """Hold a delivery for as long as the block runs and the process lives; yield whether we do.

        A lock of the database session: when the worker dies, the database knows at once.
        """
        key = pk.int % 2**63
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
            [mine] = cursor.fetchone()
        try:
            yield mine
        finally:
            if mine and connection.connection is not None:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [key])

    @classmethod
    def claim(cls, pk: UUID) -> Self | None:
        """Take a delivery that is due; None where it is not, or somebody else took it."""
        now = timezone.now()
        due = cls.objects.filter(pk=pk, state=cls.State.QUEUED, due_at__lte=now)
        taken = due.update(
            state=cls.State.SENDING, attempts=F("attempts") + 1, claimed_at=now, error=""
        )
        everything = ("contact", "message", "invitation", "share")
        return cls.objects.select_related(*everything).get(pk=pk) if taken else None

    def sent(self) -> bool:
        """Note that a server took it. Returns False where it is gone or was taken over."""
        return self._end(self.State.SENT, from_=(self.State.SENDING, self.State.UNCERTAIN))

    def failed(self, error: str) -> bool:
        """Give up, with a sentence for people that says why; writes an event."""
        return self._end(self.State.FAILED, error, from_=(self.State.SENDING,))

    def postpone(self, error: str) -> bool:
        """Try again later; after the last attempt, give up."""
        if self.attempts >= MOST_ATTEMPTS:
            return self.failed(error)
        due_at = timezone.now() + pause_after(self.attempts)
        mine = self._mine(self.State.SENDING)
        return bool(mine.update(state=self.State.QUEUED, due_at=due_at, error=error))

    def lost(self) -> bool:
        """Note that nobody knows whether it left: its worker died, or the line, at that moment."""
        return self._end(self.State.UNCERTAIN, from_=(self.State.SENDING,))

    def bounced(self, error: str) -> bool:
        """Note that it came back, perhaps long after it left; writes an event."""
        from_ = (self.State.SENDING, self.State.SENT, self.State.UNCERTAIN)
        return self._end(self.State.BOUNCED, error, from_=from_)

    def delivered(self, when: datetime) -> bool:
        """Note that it reached the mailbox."""
        states = (self.State.SENDING, self.State.SENT, self.State.UNCERTAIN)
        rows = type(self).objects.filter(pk=self.pk, state__in=states)
        self.delivered_at = when
        return bool(rows.update(state=self.State.SENT, delivered_at=when))

    def cancel(self) -> bool:
        """Take it back before it leaves. Returns False where it is too late."""
        return self._end(self.State.CANCELLED, from_=(self.State.QUEUED,))

    @transaction.atomic
    def arrived(self) -> bool:
        """Note that a person knows that it arrived, where no program could. False otherwise."""
        if self.state != self.State.UNCERTAIN or not self.sent():
            return False
        self.about.save(verb=self.about.verb("confirmed"), details={"to": self.recipient})
        return True

    def _mine(self, *states: str) -> models.QuerySet[Self]:
        """Return this row, if it is in one of the states and nobody has tried it since."""
        rows = type(self).objects.filter(pk=self.pk, attempts=self.attempts)
        return rows.filter(state__in=states)

    @transaction.atomic
    def _end(self, state: str, error: str = "", *, from_: tuple[str, ...]) -> bool:
        now = timezone.now()
        if not self._mine(*from_).update(state=state, error=error, finished_at=now):
            return False
        self.state, self.error, self.finished_at = state, error, now
        if state in {self.State.FAILED, self.State.BOUNCED}:
            about = self.about
            details = {"to": self.recipient, "error": error}
            about.save(verb=about.verb(state), details=details)
        return True


def mail_id(pk: UUID) -> str:
    """Return the Message-ID of a delivery (RFC 5322, 3.6.4)."""
    return f"<{pk}@{urlsplit(settings.SITE_URL).hostname}>"


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: 1 minute to 6 hours, a fifth more or less."""
    pause = min(FIRST_PAUSE * GROWTH ** (attempts - 1), LONGEST_PAUSE)
    return pause * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing
