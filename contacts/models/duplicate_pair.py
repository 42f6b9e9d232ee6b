"""Contacts that may be one person: found by a worker, judged by people."""

from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.models.composed import Composed
from contacts.models.contact import Contact

BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
MOST = 100  # of a score


class DuplicatePairQuerySet(models.QuerySet):
    """Pairs by what became of them."""

    def open(self) -> Self:
        """Return those that nobody has judged, of contacts that are not merged; best first."""
        return self._living().filter(dismissed_at=None).order_by("-score", "-id")

    def dismissed(self) -> Self:
        """Return those that are two persons, as somebody has said; the last one first."""
        return self._living().exclude(dismissed_at=None).order_by("-dismissed_at", "-id")

    def of(self, contact_id: Any) -> Self:
        """Return those that a contact is one of."""
        return self.filter(Q(first=contact_id) | Q(second=contact_id))

    def best_of(self, contact_id: UUID) -> "DuplicatePair | None":
        """Return the best of the open pairs that a contact is one of; None where there is none."""
        return next(iter(_of_contact.ask(contact_id)), None)

    def _living(self) -> Self:
        pairs = self.filter(first__merged_into=None, second__merged_into=None)
        unseen = (f"{side}__{name}" for side in ("first", "second") for name in ("search", "notes"))
        return pairs.select_related("first", "second").defer(*unseen)


class DuplicatePair(models.Model):
    """Two contacts that are alike; `first` is the one with the smaller id.

    `reasons` say why, the strongest first; `score` up to MOST how much so. A pair that was
    dismissed is not suggested again, unless somebody takes that back.
    """

    class Reason(models.TextChoices):
        EMAIL = "email", _("Same email")
        PHONE = "phone", _("Same phone number")
        FULL = "full", _("Same name and company")
        INITIAL = "initial", _("Same initial, family name and company")
        SWAPPED = "swapped", _("Given and family name swapped")
        TYPO = "typo", _("Almost the same name, same company")
        NAME = "name", _("Same name")

    first = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    reasons = ArrayField(models.CharField(max_length=8, choices=Reason.choices))
    score = models.PositiveSmallIntegerField()
    found_at = models.DateTimeField(default=timezone.now)
    dismissed_at = models.DateTimeField(null=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )

    objects = DuplicatePairQuerySet.as_manager()

    class Meta:
        verbose_name = _("possible duplicate")
        verbose_name_plural = _("possible duplicates")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=("first", "second"), name="duplicate_pair_once"),
            models.CheckConstraint(
                name="duplicate_pair_in_order", condition=Q(first__lt=models.F("second"))
            ),
        ]
        indexes = [
            models.Index("score", "id", name="duplicate_open", condition=Q(dismissed_at=None)),
            models.Index(
                "dismissed_at",
                "id",
                name="duplicate_dismissed",
                condition=Q(dismissed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first} = {self.second}?"

    @property
    def why(self) -> list[str]:
        """Return the reasons as people read them."""
        return [str(self.Reason(reason).label) for reason in self.reasons]

    @property
    def survivor(self) -> Contact:
        """Return which of the two is better kept: the fuller one, else the one known longer."""
        return self.first if _fullness(self.first) >= _fullness(self.second) else self.second

    @property
    def twin(self) -> Contact:
        """Return the other one of the two."""
        return self.second if self.survivor == self.first else self.first

    def other_than(self, contact: Any) -> Contact:
        """Return the one of the two that is not that contact."""
        return self.second if self.first_id == contact.pk else self.first

    def dismiss(self, by: Any) -> bool:
        """Note that these are two persons. Returns False where that is known."""
        if self.dismissed_at:
            return False
        self.dismissed_at, self.dismissed_by = timezone.now(), by
        self.save(update_fields=["dismissed_at", "dismissed_by"])
        return True

    def suggest(self) -> bool:
        """Suggest it again. Returns False where it is suggested."""
        if not self.dismissed_at:
            return False
        self.dismissed_at = self.dismissed_by = None
        self.save(update_fields=["dismissed_at", "dismissed_by"])
        return True


# Without a limit, as a contact is in few pairs: with one, the best of all contacts might be read.
_of_contact = Composed(lambda contact_id: DuplicatePair.objects.open().of(contact_id))


class DuplicateSearch(models.Model):
    """How far the search for duplicates has come: one row.

    It goes over all contacts in the order of their last activity. Whatever changes a contact puts
    it at the end again, so that a change is looked at once more, and no contact is missed.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    looked_at = models.DateTimeField(default=BEGINNING)
    looked_id = models.UUIDField(default=UUID(int=0))

    class Meta:
        verbose_name = _("search for duplicates")
        verbose_name_plural = _("search for duplicates")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.looked_at:%Y-%m-%d %H:%M}"


def _fullness(contact: Contact) -> int:
    return sum(bool(getattr(contact, name)) for name in contact.recoverable())
