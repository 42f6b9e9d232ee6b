"""What was told about a contact by mail: to the contact, or to somebody else."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contacts.letters import letter_of_share
from contacts.models.attachment import Attachment
from contacts.models.contact import Contact
from contacts.models.delivery import Delivery
from contacts.models.share_row import ShareRow
from contacts.models.tracking import Tracked
from contacts.models.versions import Versions


class Share(ShareRow, Tracked):
    """Chosen fields of a contact, a text and files, mailed to one or more addresses.

    `disclosed` holds the fields with the values that left, as Contact.disclosed returns them. The
    link, where there is one, shows the same values, until it expires or is taken back; `visits`
    counts by address how often people opened it.
    """

    noun = "share"
    created_as = "sent"
    unspoken = frozenset(
        {"contact_id", "sender_id", "created_at", "disclosed", "fields", "files", "with_card"}
        | {"link_expires_at", "link_revoked_at", "visits"}
    )

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="shares", verbose_name=_("contact")
    )
    sender = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("sender"),
    )
    recipients = ArrayField(models.EmailField(max_length=254), verbose_name=_("to"))
    note = models.TextField(_("text"), max_length=20_000, blank=True)
    fields = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, verbose_name=_("fields")
    )
    disclosed = models.JSONField(_("details told"), default=list, blank=True)
    with_card = models.BooleanField(_("vCard"), default=False)
    files = ArrayField(models.UUIDField(), default=list, blank=True, verbose_name=_("files"))
    link_expires_at = models.DateTimeField(_("link ends"), null=True, blank=True)
    link_revoked_at = models.DateTimeField(_("link taken back"), null=True, blank=True)
    visits = models.JSONField(_("visits"), default=dict, blank=True)
    created_at = models.DateTimeField(_("sent"), default=timezone.now, editable=False)

    history = Versions()

    class Meta:
        verbose_name = _("share")
        verbose_name_plural = _("shares")
        default_permissions = ("add",)

    def __str__(self) -> str:
        return ", ".join(self.recipients)

    @classmethod
    def draft(
        cls,
        contact: Contact,
        *,
        sender: Any,
        recipients: Sequence[str],
        fields: Sequence[str] = (),
        note: str = "",
        with_card: bool = False,
        files: Sequence[Attachment] = (),
        link_days: int = 0,
        pk: UUID | None = None,
    ) -> "Share":
        """Return a share that is not sent yet, for a preview of exactly what would leave."""
        expires = timezone.now() + timedelta(days=link_days) if link_days else None
        return cls(
            pk=pk or uuid7(),
            contact=contact,
            sender=sender,
            recipients=list(recipients),
            fields=list(fields),
            disclosed=contact.disclosed(fields),
            note=note,
            with_card=with_card,
            files=[file.pk for file in files],
            link_expires_at=expires,
        )

    def letters(self) -> list[Delivery]:
        """Return the mails of this share as they would leave, one for each address, unsaved."""
        files = list(Attachment.objects.filter(pk__in=self.files))
        return [self._letter(address, files) for address in self.recipients]

    @staticmethod
    def seal(letters: Iterable[Delivery]) -> str:
        """Return a fingerprint of mails: the same as long as exactly the same would leave."""
        names = ("recipient", "sender", "subject", "text", "html", "headers", "attachments")
        content = [[getattr(letter, name) for name in names] for letter in letters]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    @property
    def told(self) -> Contact:
        """Return what was told as a contact, never to be saved: nothing else is in it."""
        return Contact.as_told(self.contact_id, self.disclosed)

    @property
    def told_name(self) -> str:
        """Return the contact's name if that was told."""
        return next((item["value"][0] for item in self.disclosed if item["field"] == "name"), "")

    @property
    def others(self) -> list[str]:
        """Return those of its addresses that are not the contact's own."""
        return [address for address in self.recipients if not self.is_own(address)]

    def is_own(self, address: str) -> bool:
        """Tell whether an address is one of the contact's."""
        return address in self.contact.emails

    def send(self) -> bool:
        """Send this draft to every address, one mail each; all of them or none.

        Returns False where it was sent before: a second submit of the same id. Call it with the
        contact locked. Raises Blocked where the contact is archived, or one of the addresses is its
        own and it wants no mail, IntegrityError where the id is another share's.
        """
        if type(self).objects.filter(pk=self.pk, contact=self.contact, sender=self.sender).exists():
            return False
        self._require_open(self.recipients)
        letters = self.letters()
        with transaction.atomic(savepoint=False):
            self.save(
                details={
                    "to": list(self.recipients),
                    "disclosed": [item["label"] for item in self.disclosed],
                    "files": [each["name"] for each in letters[0].attachments if "sha256" in each],
                    "card": self.with_card,
                    "link": self.link_expires_at is not None,
                },
                force_insert=True,
            )
            for letter in letters:
                letter.save(force_insert=True)
        return True

    def _letter(self, address: str, files: Sequence[Attachment]) -> Delivery:
        delivery = Delivery(contact=self.contact, share=self, recipient=address)
        letter_of_share(self, delivery, files)
        return delivery

    def _require_open(self, addresses: Iterable[str]) -> None:
        self.contact.require_active()
        if any(map(self.is_own, addresses)):
            self.contact.require_reachable()

    def resend(self, address: str) -> bool:
        """Send it to one of its addresses again, where it did not arrive there.

        Returns False where it did or is on its way. Call it with the contact locked. Raises Blocked
        where nothing may leave.
        """
        last = next((d for d in self.deliveries_newest_first if d.recipient == address), None)
        if last is None or not last.may_repeat:
            return False
        self._require_open([address])
        files = list(Attachment.objects.filter(pk__in=self.files))
        with transaction.atomic():
            self.save(verb="share.resent", details={"to": address})
            self._letter(address, files).save(force_insert=True)
        return True

    def send_again(self, address: str, *, by: Any) -> bool:
        """Send it to that address again, as `resend` does; whoever may share decides."""
        return self.resend(address)

    def take_back(self, *, by: Any) -> bool:
        """Return False: other recipients may have it, and the register says that they do."""
        return False

    def revoke_link(self) -> bool:
        """Take its links back: nobody can open them any more. False where none works."""
        if not self.has_living_link:
            return False
        self.link_revoked_at = timezone.now()
        self.save(verb="share.revoked", details={"to": list(self.recipients)})
        self.links.all().delete()
        return True

    def visited(self, recipient: str) -> bool:
        """Count that a person opened the link that was mailed to that address.

        Returns False where it does not open any more. Call it with the contact locked.
        """
        if not self.has_living_link:
            return False
        self.visits = {**self.visits, recipient: self.visits.get(recipient, 0) + 1}
        self.save(verb="share.link_opened", details={"to": recipient})
        return True
