"""Invitations to the portal or the team: by mail, answered by their recipient."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contacts.letters import letter_of_invitation
from contacts.models.composed import Composed, any_of
from contacts.models.contact import Contact
from contacts.models.delivery import Delivery
from contacts.models.invitation_answers import Answerable
from contacts.models.invitation_query import InvitationQuerySet
from contacts.models.link import Link
from contacts.models.reopening import Reopenable
from contacts.models.tracking import Tracked
from contacts.models.versions import Versions


class Invitation(Answerable, Reopenable, Tracked):
    """An invitation of a contact, to one address: one living row for both.

    `account` is who accepted it: an accepted invitation is what gives a contact its portal. The
    address stays the one it was sent to, whatever becomes of the contact's.
    """

    class Role(models.TextChoices):
        CLIENT = "client", _("Client")
        PARTNER = "partner", _("Partner")
        TEAM = "team", _("Team member")

    class State(models.TextChoices):
        SENT = "sent", _("Invited")
        OPENED = "opened", _("Opened")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Expired")
        REVOKED = "revoked", _("Revoked")
        ENDED = "ended", _("Access ended")

    LIVING = (State.SENT, State.OPENED)

    noun = "invitation"
    created_as = "sent"
    unspoken = frozenset(
        {"contact_id", "inviter_id", "state", "created_at", "expires_at", "opened_at"}
        | {"answered_at", "account_id"}
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="invitations", verbose_name=_("contact")
    )
    inviter = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("invited by"),
    )
    email = models.EmailField(_("email"), max_length=254)
    role = models.CharField(_("role"), max_length=8, choices=Role.choices, default=Role.CLIENT)
    note = models.TextField(_("note"), max_length=2_000, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.SENT)
    created_at = models.DateTimeField(_("sent"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("ends"))
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name=_("account"),
    )

    history = Versions(no_db_index=["account"])
    _on_rows: ClassVar = Composed(
        lambda ids: Invitation.objects.annotate(
            told_deliveries=Delivery.objects.told_of("invitation")
        ).filter(any_of(ids))
    )
    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        default_permissions = ("add",)
        permissions = (("invite_team", _("Can invite to the team")),)
        constraints = [
            models.UniqueConstraint(
                fields=("contact", "email"),
                name="invitation_living_once",
                condition=models.Q(state__in=("sent", "opened")),
            )
        ]
        indexes = [
            models.Index(
                "expires_at",
                name="invitation_to_expire",
                condition=models.Q(state__in=("sent", "opened")),
            ),
            # For the administration's lists of each state, the newest first.
            models.Index("state", "id", name="invitation_by_state"),
        ]

    def __str__(self) -> str:
        return self.email

    @classmethod
    def send(
        cls,
        contact: Contact,
        *,
        inviter: Any,
        email: str,
        role: str,
        note: str = "",
        pk: UUID | None = None,
        in_bulk: bool = False,
    ) -> "Invitation":
        """Invite; where an invitation to that address is living, send that one again.

        A second submit of the same id returns the first. What is sent `in_bulk` has a limit of its
        own, which BulkRun keeps. Call it with the contact locked. Raises
        Blocked where nothing may leave, TooMany above the limits.
        """
        there = cls.objects.filter(pk=pk, contact=contact).first()
        if there:
            return there
        contact.require_reachable()
        living = cls.objects.living().filter(contact=contact, email=email).first()
        if living:
            living.role, living.note = role, note
            living.resend(inviter)
            return living
        cls.objects.require_room(inviter, email, in_bulk=in_bulk)
        invitation = cls(
            pk=pk or uuid7(),
            contact=contact,
            inviter=inviter,
            email=email,
            role=role,
            note=note,
            expires_at=end_of_term(),
        )
        with transaction.atomic(savepoint=False):
            invitation.save(details={"to": email, "role": role}, force_insert=True)
            invitation.queue()
        return invitation

    def queue(self) -> Delivery:
        """Put the mail of this invitation into the outbox; a link in an earlier mail dies."""
        self._take_back_mail()
        self.links.all().delete()
        delivery = Delivery(contact=self.contact, invitation=self, recipient=self.email)
        letter_of_invitation(self, delivery)
        delivery.save(force_insert=True)
        self.deliveries_newest_first = [delivery, *self.deliveries_newest_first]
        return delivery

    def resend(self, by: Any) -> bool:
        """Send it again with a new link and a new term. Call it with the contact locked.

        Returns False where it was accepted, or where the same mail is about to leave. Raises
        Blocked where nothing may leave, TooMany above the limits, IntegrityError where another one
        to this address is living.
        """
        if self.state in {self.State.ACCEPTED, self.State.ENDED}:
            return False
        self.contact.require_reachable()
        if self.is_open and not self.unsaved() and self.is_leaving:
            return False
        type(self).objects.require_room(by, self.email)
        self.inviter, self.state, self.expires_at = by, self.State.SENT, end_of_term()
        self.opened_at = self.answered_at = None
        with transaction.atomic():
            self.save(verb="invitation.resent", details={"to": self.email, "role": self.role})
            self.queue()
        return True

    def copy_link(self) -> str:
        """Return a new link to hand over in another way; one that was copied before dies.

        Returns nothing where it could not be accepted. Raises Blocked where nothing may leave.
        """
        self.contact.require_reachable()
        if not self.is_open:
            return ""
        address = Link.make(invitation=self)
        self.save(verb="invitation.link_copied", details={"to": self.email})
        return address

    @property
    def is_leaving(self) -> bool:
        """Tell whether its mail is about to leave: on its way, and not put off after a failure."""
        return bool(self.delivery and self.delivery.is_pending and not self.delivery.error)

    @property
    def mail_trouble(self) -> bool:
        """Tell whether its mail did not leave, came back, or nobody knows, and matters still."""
        delivery = self.delivery
        if not delivery or not self.is_living:
            return False
        put_off = delivery.is_pending and delivery.error
        return bool(put_off) or delivery.state in {"failed", "bounced", "uncertain"}

    @cached_property
    def deliveries_newest_first(self) -> list[Delivery]:
        """Return its deliveries, the one that counts first."""
        return Delivery.objects.latest_of("invitation", [self.pk]).get(self.pk, [])

    @property
    def delivery(self) -> Delivery | None:
        """Return the delivery that counts."""
        return self.deliveries_newest_first[0] if self.deliveries_newest_first else None

    @classmethod
    def for_timeline(cls, ids: Iterable[Any]) -> dict[Any, Self]:
        """Return {id: invitation} with all that its row shows but the contact, in one query."""
        rows = cls._on_rows.ask(list(ids))
        for invitation in rows:
            heard = Delivery.objects.heard(invitation.told_deliveries)
            invitation.deliveries_newest_first = heard
        return {invitation.pk: invitation for invitation in rows}

    @property
    def stamp(self) -> str:
        """Return what its drawn row depends on, but for the event."""
        delivery = self.delivery
        state = delivery and f"{delivery.pk}{delivery.state}{delivery.attempts}"
        return f"{self.version}{state}{self.contact.version}"

    def rights(self, viewer: Any) -> dict[str, bool]:
        """Return what that user may do on its row."""
        to_team = self.role != self.Role.TEAM or viewer.has_perm("contacts.invite_team")
        return {"may_invite": to_team and viewer.has_perm("contacts.add_invitation")}


def end_of_term() -> datetime:
    """Return until when an invitation that is sent now can be accepted."""
    return timezone.now() + timedelta(days=settings.INVITATION_DAYS)
