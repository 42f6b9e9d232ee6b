"""Taking back what an import added: the contacts that nobody has done anything with since."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.dispatch import Signal
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.ending import ending
from contacts.models.contact import Contact

# Sent with `run` and `contact_ids`: which of these contacts has somebody acted on since the import
# added them? Whoever listens returns their ids.
acted_on_asked = Signal()

# Sent with `run` when taking back an import is over, inside the transaction that ends it.
import_reverted = Signal()

TAKEN = 500  # contacts of one transaction
LOOKED_AT = 50_000  # contacts counted while somebody waits
PERMISSIONS = ("contacts.import_contacts", "contacts.delete_contact")


class Revertible(models.Model):
    """The part of an import by which it is taken back.

    Only what it added goes, and of that only what nobody has touched. `reverted_up_to` is the
    cursor; a revert that lost its worker goes on from there. What was updated stays as it is.
    """

    removed = models.PositiveIntegerField(gettext_lazy("removed"), default=0)
    kept = models.PositiveIntegerField(gettext_lazy("kept"), default=0)
    reverted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=gettext_lazy("reverted by"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    reverted_up_to = models.UUIDField(null=True)  # the contact that was dealt with last

    pk: Any
    name: str
    state: str
    problem: str
    attempts: int
    touched_at: Any
    finished_at: Any
    dry_run: bool
    created: int
    is_active: bool
    imported: Any
    failures: Any
    State: Any
    nudge: Any
    _claim: Any
    _lock: Any  # these are those of ImportRun

    class Meta:
        abstract = True

    @property
    def added(self) -> models.QuerySet:
        """Return its notes of the contacts that it added and nobody has taken back."""
        return self.imported.filter(created=True)

    @property
    def may_revert(self) -> bool:
        """Tell whether there is anything to take back."""
        over = {self.State.FINISHED, self.State.STOPPED, self.State.FAILED}
        wanted = self.state in over and not self.dry_run and self.created
        return bool(wanted) and self.added.exists()

    @property
    def dealt_with(self) -> int:
        """Return with how many contacts a revert is done."""
        return self.removed + self.kept

    @property
    def to_remove(self) -> int:
        """Return how many contacts a revert deals with, those that went before among them."""
        return max(self.created, self.dealt_with) if self.is_active else self.dealt_with

    def outlook(self) -> dict[str, Any]:
        """Return how many contacts a revert would remove and keep, and how many are gone already.

        As things are now: who acts on one until then keeps it. Where there are more than LOOKED_AT,
        they are not looked at one by one, `remove` is the most it can be, and `exact` is false.
        """
        if self.created > LOOKED_AT:
            return {"remove": self.added.count(), "keep": 0, "gone": 0, "exact": False}
        remove = keep = gone = 0
        up_to = None
        while ids := self._next(up_to, 5_000):
            here = Contact.objects.filter(pk__in=ids)
            there = set(here.values_list("pk", flat=True))
            acted = self._acted_on(there)
            remove, keep = remove + len(there) - len(acted), keep + len(acted)
            gone += len(ids) - len(there)
            up_to = ids[-1]
        return {"remove": remove, "keep": keep, "gone": gone, "exact": True}

    def first_kept(self, count: int) -> list[Contact]:
        """Return the first of the contacts that a revert kept, as long as they are there."""
        ids = self.added.filter(contact_id__lte=self.reverted_up_to).order_by("contact_id")
        found = Contact.objects.in_bulk(list(ids.values_list("contact_id", flat=True)[:count]))
        return [found[pk] for pk in sorted(found)]

    @transaction.atomic
    def revert(self, by: Any, *, by_worker: bool = True) -> bool:
        """Queue taking back what it added. Returns False where there is nothing to take back.

        The rows that it could not use go at once: they are of the same people.
        """
        self._lock()
        if not self.may_revert:
            return False
        self.failures.forget_all()
        self.state, self.reverted_by, self.problem = self.State.REVERTING, by, ""
        self.touched_at, self.attempts = timezone.now(), 0
        self.save()
        if by_worker:
            transaction.on_commit(self.nudge, robust=True)
        return True

    def take_away(self) -> None:
        """Delete what is left to be deleted, batch by batch, until it is done or taken over."""
        with translation.override(self.reverted_by.language if self.reverted_by else None):
            if not self._claim():
                return
            if self.reverted_by and not self.reverted_by.has_perms(PERMISSIONS):
                self._stop_reverting(_("Who started this may not do it any more."))
                return
            while self._take_away_some():
                if ending.is_set():
                    self.nudge()
                    return

    @transaction.atomic
    def _take_away_some(self) -> bool:
        """Deal with the next contacts and move the cursor. False where there are none left."""
        position = self.reverted_up_to
        self._lock()
        if self.state != self.State.REVERTING or self.reverted_up_to != position:
            return False
        ids = self._next(self.reverted_up_to, TAKEN)
        if not ids:
            self._finish_reverting()
            return False
        rows = Contact.objects.filter(pk__in=ids).order_by("pk")
        locked = {contact.pk: contact for contact in rows.select_for_update()}
        acted = self._acted_on(set(locked))
        untouched = [contact for pk, contact in locked.items() if pk not in acted]
        Contact.erase(untouched, reason=_("Import reverted"))
        self.imported.filter(contact_id__in=set(ids) - acted).delete()
        self.removed += len(untouched)
        self.kept += len(acted)
        self.reverted_up_to, self.touched_at, self.attempts = ids[-1], timezone.now(), 0
        self.save(update_fields=["removed", "kept", "reverted_up_to", "touched_at", "attempts"])
        return True

    def _next(self, up_to: UUID | None, count: int) -> list[UUID]:
        later = {"contact_id__gt": up_to} if up_to else {}
        rows = self.added.filter(**later).order_by("contact_id")
        return list(rows.values_list("contact_id", flat=True)[:count])

    def _acted_on(self, contact_ids: set[UUID]) -> set[UUID]:
        """Return which of these contacts were changed, or were acted on in any other way."""
        changed = Contact.objects.filter(pk__in=contact_ids, version__gt=1)
        acted = set(changed.values_list("pk", flat=True))
        for _receiver, found in acted_on_asked.send(
            sender=type(self), run=self, contact_ids=contact_ids
        ):
            acted |= contact_ids.intersection(found)
        return acted

    def _finish_reverting(self) -> None:
        self.state, self.touched_at = self.State.REVERTED, timezone.now()
        self.save(update_fields=["state", "touched_at"])
        import_reverted.send(sender=type(self), run=self)

    @transaction.atomic
    def _stop_reverting(self, problem: str) -> None:
        self._lock()
        self.state, self.problem = self.State.FAILED, problem
        self.save(update_fields=["state", "problem"])
