"""What a delivery holds: a mail as it leaves, and how far it got."""

import random
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
MOST_ATTEMPTS = 8
JITTER = 0.5  # of a step: what failed together is not tried again together
# From the first pause to the longest in equal ratios over all attempts but the last.
GROWTH = (LONGEST_PAUSE / FIRST_PAUSE) ** (1 / (MOST_ATTEMPTS - 2))
NOTHING_LEFT = _("Sending it was interrupted before anything had left.")


class DeliveryState(models.Model):
    """A mail exactly as it is to be sent, and its state.

    In its text a placeholder stands for the personal link that only its recipient gets. `due_at` is
    when it may leave, at first or after a failed attempt; `nudged_at` when a worker was last told,
    or will be. `unsent_attempt` is the attempt of which surely nothing has left. `error` is a
    sentence for people.
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
    unsent_attempt = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    due_at = models.DateTimeField(default=timezone.now)
    nudged_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    remote_id = models.CharField(max_length=400, blank=True)  # of the last attempt, at a provider

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.subject} → {self.recipient}"

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
        return not self.is_pending and self.state != self.State.SENT


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: 1 minute to 6 hours, in random measure."""
    span = MOST_ATTEMPTS - 2
    step = (attempts - 1) * (span - JITTER) / span + random.uniform(0, JITTER)  # noqa: S311
    return FIRST_PAUSE * GROWTH**step


def mail_id(pk: UUID) -> str:
    """Return the Message-ID of a delivery (RFC 5322, 3.6.4)."""
    return f"<{pk}@{urlsplit(settings.SITE_URL).hostname}>"
