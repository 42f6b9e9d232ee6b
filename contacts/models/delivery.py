"""The outbox: everything that is mailed, as it leaves, and how far it got."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.broker import Broker
from contacts.models.blocking import Blocked
from contacts.models.changes import delivery_moved
from contacts.models.clock import reached
from contacts.models.contact import Contact
from contacts.models.contact_query import ContactGone
from contacts.models.delivery_query import TASK, DeliveryQuerySet
from contacts.models.delivery_state import (
    MOST_ATTEMPTS,
    NOTHING_LEFT,
    DeliveryState,
    mail_id,
    pause_after,
)
from contacts.models.link import Link
from contacts.values import storable


class Delivery(DeliveryState):
    """One mail to one address: queued -> sending -> sent, failed, bounced, cancelled or uncertain.

    What is to be sent never changes after the row was made: a trigger refuses it. It is mailed for
    a message, an invitation or a share. Where its worker died between handing it over and noting
    it, it is uncertain: then a person decides, never a program.
    """

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("delivery")
        verbose_name_plural = gettext_lazy("deliveries")
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
            # How many invitations an address was sent lately.
            models.Index(
                "recipient",
                "created_at",
                name="delivery_of_invitations",
                condition=Q(invitation__isnull=False),
            ),
            models.Index(
                "due_at",
                name="delivery_unfinished",
                condition=Q(state__in=("queued", "sending")),
            ),
            models.Index("recipient", name="delivery_by_recipient"),
            models.Index("remote_id", name="delivery_remote", condition=~Q(remote_id="")),
            # What became of the mails of each day is counted in the index alone.
            models.Index("created_at", "state", name="delivery_by_day"),
            # What did not arrive is a small part of all (contacts/attention.py).
            models.Index(
                "created_at",
                name="delivery_in_trouble",
                condition=Q(state__in=("failed", "bounced", "uncertain")),
            ),
            # And what was taken back, for the administration's list of it.
            models.Index("created_at", name="delivery_taken_back", condition=Q(state="cancelled")),
        ]

    def save(self, **kwargs: Any) -> None:
        """Insert the row with its Message-ID, the same in every attempt, and nudge a worker."""
        is_new = self._state.adding
        self.mail_id = self.mail_id or mail_id(self.pk)
        self.nudged_at = max(self.nudged_at, self.due_at)
        super().save(**kwargs)
        if is_new:
            wait = max(0.0, (self.due_at - timezone.now()).total_seconds())
            transaction.on_commit(lambda: Broker.tell(TASK, self.pk, wait), robust=True)

    @classmethod
    @transaction.atomic(durable=True)
    def claim(cls, pk: UUID) -> tuple[Self, str] | None:
        """Take a delivery that is due, and commit that before anything else can happen.

        Returns it with the token of its recipient's personal link, empty where it carries none.
        None where it is not due, somebody else took it, or it may not leave any more.
        """
        now = timezone.now()
        contact = cls._locked_contact(deliveries=pk)
        due = cls.objects.filter(reached("due_at"), pk=pk, state=cls.State.QUEUED)
        attempt = F("attempts") + 1
        begun = {"attempts": attempt, "unsent_attempt": attempt, "claimed_at": now, "error": ""}
        if not due.update(state=cls.State.SENDING, **begun):
            return None
        delivery = cls.objects.select_related("message", "invitation", "share").get(pk=pk)
        delivery.contact = contact
        delivery._moved()
        return None if delivery._taken_back() else (delivery, delivery._token())

    def hand_over(self) -> bool:
        """Note that its text is about to leave. False where it may not, as others have it now."""
        return bool(self._mine(self.State.SENDING).update(unsent_attempt=None))

    def sent(self, remote_id: str = "") -> bool:
        """Note that a server took it, also where it was given up as uncertain meanwhile.

        `remote_id` is what a provider calls it in what it reports. Like all that follow, returns
        False where it is gone, or was tried again since.
        """
        from_ = (self.State.SENDING, self.State.UNCERTAIN)
        return self._end(self.State.SENT, from_=from_, remote_id=storable(remote_id))

    def failed(self, error: str) -> bool:
        """Give up, with a sentence for people that says why; writes an event."""
        from_ = (self.State.SENDING, self.State.UNCERTAIN)
        return self._end_badly(self.State.FAILED, error, from_=from_)

    def postpone(self, error: str) -> bool:
        """Try again later. After the last attempt, or where a person was asked already, give up."""
        due_at = timezone.now() + pause_after(self.attempts)
        return self._again(self._mine(self.State.SENDING), error, due_at) or self.failed(error)

    def abandoned(self) -> bool:
        """Note that its worker died: it is tried again at once where surely nothing had left."""
        unsent = self._mine(self.State.SENDING).filter(unsent_attempt=F("attempts"))
        return self._again(unsent, str(NOTHING_LEFT), timezone.now()) or self.lost()

    def lost(self, error: str = "") -> bool:
        """Note that nobody knows whether it left: its worker died, or the line, at that moment."""
        error = error or _("The program that was sending it stopped before it noted the answer.")
        return self._end(self.State.UNCERTAIN, error, from_=(self.State.SENDING,))

    def bounced(self, error: str) -> bool:
        """Note that it came back, perhaps long after it left; writes an event."""
        from_ = (self.State.SENDING, self.State.SENT, self.State.UNCERTAIN)
        return self._end_badly(self.State.BOUNCED, error, from_=from_)

    def delivered(self, when: datetime) -> bool:
        """Note that it reached the mailbox; not where it came back, whatever was told first."""
        states = (self.State.SENDING, self.State.SENT, self.State.UNCERTAIN)
        rows = type(self).objects.filter(pk=self.pk, state__in=states)
        finished_at = Coalesce("finished_at", when)
        self.delivered_at = when
        state = self.State.SENT
        if not rows.update(state=state, delivered_at=when, finished_at=finished_at, error=""):
            return False
        self._moved()
        return True

    def cancel(self, why: str = "") -> bool:
        """Take it back before it leaves; `why` is a sentence. False where it is too late."""
        return self._end(self.State.CANCELLED, why, from_=(self.State.QUEUED,))

    @transaction.atomic
    def arrived(self) -> bool:
        """Note that a person knows that it arrived, where no program could. False otherwise."""
        if self.state != self.State.UNCERTAIN or not self.sent():
            return False
        self.about.save(verb=self.about.verb("confirmed"), details={"to": self.recipient})
        return True

    @staticmethod
    def _locked_contact(**condition: Any) -> Contact | None:
        """Return the contact, locked, a merged one after its survivor; None where it is gone."""
        rows = Contact.objects.unmerged().select_for_update(of=("self",))
        contact = rows.filter(**condition).first()
        if contact:
            return contact
        merged = Contact.objects.filter(**condition).first()
        try:
            return merged and Contact.objects.locked_with_survivor(merged.pk)
        except ContactGone:
            return None

    def _taken_back(self) -> bool:
        """Cancel what may not leave any more: while it was being tried, nobody could do it."""
        try:
            self.contact.require_active()
            if not self.share or self.share.is_own(self.recipient):
                self.contact.require_reachable()
        except Blocked as blocked:
            if self.message:
                details = {"reason": blocked.reason, "to": self.recipient}
                self.message.save(verb="message.cancelled", details=details)
            return self._end(self.State.CANCELLED, str(blocked), from_=(self.State.SENDING,))
        newer = type(self).objects.filter(
            message=self.message, invitation=self.invitation, share=self.share,
            recipient=self.recipient, pk__gt=self.pk,
        )  # fmt: skip
        if newer.exists() or (self.invitation and not self.invitation.is_open):
            return self._end(self.State.CANCELLED, from_=(self.State.SENDING,))
        return False

    def _token(self) -> str:
        if self.invitation:
            address = Link.make(invitation=self.invitation, recipient=self.recipient)
        elif self.share and self.share.has_living_link:
            address = Link.make(share=self.share, recipient=self.recipient)
        else:
            return ""
        return address.rstrip("/").rpartition("/")[2]

    def _mine(self, *states: str) -> models.QuerySet[Self]:
        """Return this row, if it is in one of the states and nobody has tried it since."""
        rows = type(self).objects.filter(pk=self.pk, attempts=self.attempts)
        return rows.filter(state__in=states)

    def _again(self, rows: models.QuerySet[Self], error: str, due_at: datetime) -> bool:
        queued = {"state": self.State.QUEUED, "due_at": due_at, "error": storable(error)}
        if self.attempts >= MOST_ATTEMPTS or not rows.update(**queued):
            return False
        self._moved()
        return True

    def _end(self, state: str, error: str = "", *, from_: tuple[str, ...], **more: Any) -> bool:
        ended = {"state": state, "error": storable(error), "finished_at": timezone.now()} | more
        if not self._mine(*from_).update(**ended):
            return False
        vars(self).update(ended)
        self._moved()
        return True

    def _moved(self) -> None:
        delivery_moved.send(sender=type(self), contact_id=self.contact_id, delivery=self)

    @transaction.atomic
    def _end_badly(self, state: str, error: str, *, from_: tuple[str, ...]) -> bool:
        # The contact first, as everywhere: an event locks it, and nobody may wait in a circle.
        contact = self._locked_contact(pk=self.contact_id)
        if contact is None or not self._end(state, error, from_=from_):
            return False
        details = {"to": self.recipient, "error": self.error}
        self.about.save(verb=self.about.verb(state), details=details)
        return True
