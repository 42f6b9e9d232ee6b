"""What the team writes to a contact, and what the contact answers."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contacts.letters import letter_of_message
from contacts.models.attachment import Attachment
from contacts.models.contact import Contact
from contacts.models.delivery import Delivery
from contacts.models.message_row import MessageRow
from contacts.models.stored_file import told
from contacts.models.tracking import Tracked
from contacts.models.versions import Versions


class Message(MessageRow, Tracked):
    """A message to a contact, or from one. Its text never changes; its delivery has a state.

    `address` is whom it goes to or came from, empty where it was written in the portal. `mail_id`
    is the Message-ID of the mail it came in: the same mail twice makes one message.
    """

    class Via(models.TextChoices):
        EMAIL = "email", _("Email")
        PORTAL = "portal", _("Portal")

    noun = "message"
    unspoken = frozenset(
        {"contact_id", "author_id", "created_at", "incoming", "in_reply_to_id", "mail_id", "via"}
        | {"is_automatic", "quoted"}
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contact = models.ForeignKey(
        Contact,
        on_delete=models.CASCADE,
        related_name="messages",
        db_index=False,  # message_of_contact begins with it
        verbose_name=_("contact"),
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("author"),
    )
    incoming = models.BooleanField(_("received"), default=False)
    via = models.CharField(_("way"), max_length=8, choices=Via.choices, default=Via.EMAIL)
    address = models.EmailField(_("address"), max_length=254, blank=True)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    body = models.TextField(_("message"), max_length=20_000)
    quoted = models.TextField(_("quoted text"), blank=True)
    is_automatic = models.BooleanField(_("automatic reply"), default=False)
    in_reply_to = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
        verbose_name=_("in reply to"),
    )
    mail_id = models.CharField(_("Message-ID"), max_length=998, blank=True)
    created_at = models.DateTimeField(_("written"), default=timezone.now, editable=False)

    history = Versions()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        default_permissions = ("add",)
        constraints = [
            models.UniqueConstraint(
                fields=("contact", "mail_id"),
                name="message_from_a_mail_once",
                condition=~models.Q(mail_id=""),
            )
        ]
        indexes = [
            models.Index("contact", "created_at", "id", name="message_of_contact"),
            # Who answered a message first stands on its row.
            models.Index(
                "in_reply_to",
                name="message_answers",
                condition=models.Q(in_reply_to__isnull=False),
            ),
            # What contacts wrote, to see what nobody has answered (contacts/attention.py).
            models.Index(
                "created_at",
                name="message_received",
                condition=models.Q(incoming=True, is_automatic=False),
            ),
        ]

    def __str__(self) -> str:
        return self.subject or self.body[:60]

    @classmethod
    def send(
        cls,
        contact: Contact,
        *,
        author: Any,
        address: str,
        body: str,
        subject: str = "",
        pk: UUID | None = None,
        files: Sequence[File] = (),
        in_reply_to: "Message | None" = None,
        grace: timedelta | None = None,
    ) -> "Message":
        """Queue a message under the id its form carried; a second submit returns the first.

        It leaves after `grace`, by default MESSAGE_GRACE_SECONDS. Call it with the contact locked.
        Raises Blocked where nothing may leave, IntegrityError where the id is another message's.
        """
        sent = cls.objects.filter(pk=pk, contact=contact, author=author).first()
        if sent:
            return sent
        contact.require_reachable()
        message = cls(
            pk=pk or uuid7(),
            contact=contact,
            author=author,
            address=address,
            subject=subject,
            body=body,
            in_reply_to=in_reply_to,
        )
        pause = timedelta(seconds=settings.MESSAGE_GRACE_SECONDS) if grace is None else grace
        with transaction.atomic(savepoint=False):
            message.save(
                verb="message.queued",
                details={"files": told(files)},
                force_insert=True,
            )
            for file in files:
                Attachment.keep(message, file)
            message.queue(address, timezone.now() + pause)
        return message

    def queue(self, address: str, due_at: Any) -> Delivery:
        """Put the mail of this message into the outbox."""
        delivery = Delivery(contact=self.contact, message=self, recipient=address, due_at=due_at)
        letter_of_message(self, delivery)
        delivery.save(force_insert=True)
        self.deliveries_newest_first = [delivery, *self.deliveries_newest_first]
        return delivery

    @classmethod
    def receive(cls, contact: Contact, *, body: str, files: Sequence[File] = (), **fields: Any):
        """Note what a contact wrote: `via`, `address`, `subject`, `quoted`, `mail_id` ...

        Returns the message; the one that is there already for the same `pk` or mail. Call it with
        the contact locked.
        """
        same = models.Q(pk=fields.get("pk")) if fields.get("pk") else models.Q(pk__isnull=True)
        if fields.get("mail_id"):
            same |= models.Q(mail_id=fields["mail_id"])
        there = cls.objects.filter(same, contact=contact, incoming=True).first()
        if there:
            return there
        message = cls(contact=contact, incoming=True, body=body, **fields)
        with transaction.atomic(savepoint=False):
            message.save(
                verb="message.received",
                details={
                    "via": message.via,
                    "automatic": message.is_automatic,
                    "files": told(files),
                },
                force_insert=True,
                # in the portal, it is the account that is signed in
                by=contact if message.via == cls.Via.EMAIL else None,
            )
            for file in files:
                Attachment.keep(message, file)
        contact.note_activity()
        return message

    def cancel(self, reason: str = "", *, by: Any = None) -> bool:
        """Take it back before it leaves: `by` a user, or for the `reason` archived or opted_out.

        Returns False where it is too late, or done already.
        """
        sentences = {
            "archived": gettext("The contact was archived."),
            "opted_out": gettext("The contact asked not to be contacted."),
        }
        why = gettext("%(who)s took it back.") % {"who": by} if by else sentences.get(reason, "")
        if not self.delivery or not self.delivery.cancel(why):
            return False
        self.save(verb="message.cancelled", details={"reason": reason, "to": self.address})
        return True

    def retry(self, address: str = "") -> bool:
        """Send it again, to another address where one is given. Call it with the contact locked.

        Returns False where it is on its way or arrived. Raises Blocked where nothing may leave.
        """
        if not self.delivery or not self.delivery.may_repeat:
            return False
        self.contact.require_reachable()
        self.address = address or self.address
        with transaction.atomic():
            self.save(verb="message.retried", details={"to": self.address})
            self.queue(self.address, timezone.now())
        return True

    def send_again(self, address: str, *, by: Any) -> bool:
        """Send it to that address again, as `retry` does; whoever may write decides."""
        return self.retry(address)

    def take_back(self, *, by: Any) -> bool:
        """Take it back, as `cancel` does."""
        return self.cancel(by=by)

    @cached_property
    def deliveries_newest_first(self) -> list[Delivery]:
        """Return its deliveries, the one that counts first."""
        return Delivery.objects.latest_of("message", [self.pk]).get(self.pk, [])

    @property
    def delivery(self) -> Delivery | None:
        """Return the delivery that counts; None for a message that came in."""
        return self.deliveries_newest_first[0] if self.deliveries_newest_first else None
