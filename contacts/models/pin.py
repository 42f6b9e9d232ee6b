"""What the team keeps in view of a contact: entries of its timeline, pinned above it."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contacts.models.contact import Contact

MOST = 5  # entries pinned of one contact

# Sent with `pin` and `verb`, "entry.pinned" or "entry.unpinned", in the transaction that does it.
pin_changed = Signal()


class PinsFull(Exception):
    """As many entries are pinned as can be; as text, a sentence that says what to do."""

    def __init__(self) -> None:
        super().__init__(
            ngettext(
                "%(count)d entry is pinned already. Unpin it first.",
                "%(count)d entries are pinned already. Unpin one of them first.",
                MOST,
            )
            % {"count": MOST}
        )


class PinManager(models.Manager):
    """Pins and unpins entries. Whoever calls it has locked the contact."""

    def of(self, contact_ids: Iterable[Any]) -> models.QuerySet:
        """Return the numbers of the entries that are pinned of these contacts."""
        return self.filter(contact__in=contact_ids).values("event_id")

    def add(self, contact: Contact, event_id: int, *, by: Any) -> bool:
        """Pin an entry of the contact's timeline. Returns False where it was pinned already.

        Raises PinsFull where MOST are, of this contact or of all that were merged with it.
        """
        if self.filter(contact=contact, event_id=event_id).exists():
            return False
        if self.filter(contact__in=contact.survivor.all_ids).count() >= MOST:
            raise PinsFull
        taken = set(self.filter(contact=contact).values_list("place", flat=True))
        place = min(set(range(1, MOST + 1)) - taken)
        pin = self.create(contact=contact, event_id=event_id, place=place, pinned_by=by)
        pin_changed.send(sender=Pin, pin=pin, verb="entry.pinned")
        return True

    def remove(self, contact: Contact, event_id: int) -> bool:
        """Unpin an entry. Returns False where it was not pinned."""
        pin = self.filter(contact=contact, event_id=event_id).first()
        if pin is None:
            return False
        pin_changed.send(sender=Pin, pin=pin, verb="entry.unpinned")
        pin.delete()
        return True


class Pin(models.Model):
    """An entry of a contact's timeline that everybody sees above it. It goes with the contact.

    `event_id` is the entry's number. A contact has MOST places, each for one pin, so that the
    database holds no more of them.
    """

    contact = models.ForeignKey(
        Contact,
        on_delete=models.CASCADE,
        related_name="pins",
        db_index=False,  # the constraints' indexes begin with it
    )
    event_id = models.BigIntegerField()
    place = models.SmallIntegerField()
    pinned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    pinned_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = PinManager()

    class Meta:
        verbose_name = _("pin")
        verbose_name_plural = _("pins")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=("contact", "event_id"), name="pin_of_an_entry_once"),
            models.UniqueConstraint(fields=("contact", "place"), name="pin_has_a_place_of_its_own"),
            models.CheckConstraint(
                name="pin_has_one_of_the_places", condition=Q(place__gte=1, place__lte=MOST)
            ),
        ]

    def __str__(self) -> str:
        return gettext("Entry %(number)d") % {"number": self.event_id}
