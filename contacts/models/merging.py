"""Two contacts that are one person: merging them, and taking a merge back."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# A timeline is read from each of them: beyond that, a page would not stay quick.
MERGED_MAX = 50
OPTED_OUT = ("do_not_contact_at", "do_not_contact_reason", "do_not_contact_source")


class CannotMerge(Exception):
    """Two contacts cannot be merged, or not be parted; as text, a sentence that says why."""


class Mergeable(models.Model):
    """The part of a contact that takes another one in, and lets it go again.

    The merged contact keeps its row and all that happened with it; `merged_into` names the
    survivor. `merged_ids` of the survivor names all that live on in it, a merged contact before
    those that had been merged into that one, so that its timeline is known without a query. What
    is merged keeps both as they are when its survivor is merged in turn.
    """

    merged_into = models.UUIDField(null=True, blank=True, editable=False)
    merged_at = models.DateTimeField(gettext_lazy("merged"), null=True, blank=True, editable=False)
    merged_ids = ArrayField(
        models.UUIDField(), default=list, db_default=[], blank=True, editable=False
    )

    objects: Any
    history: Any
    invitations: Any
    loaded: dict[str, Any]
    pk: Any
    name: str
    version: int
    owner_id: Any
    is_archived: bool
    do_not_contact_at: Any
    save: Any  # these are those of Contact and Tracked
    tracked_fields: Any
    unsaved: Any
    can_put_back: Any
    _require_owner: Any
    stop_mail: Any
    unspoken: ClassVar[frozenset[str]]

    class Meta:
        abstract = True

    @property
    def all_ids(self) -> list[UUID]:
        """Return its id and those of the contacts that were merged into it."""
        return [self.pk, *self.merged_ids]

    @property
    def survivor(self) -> Any:
        """Return the contact that this one lives on in: itself, unless it was merged."""
        found: Any = self
        while found.merged_into:
            found = self._meta.model.objects.get(pk=found.merged_into)
        return found

    @property
    def merged(self) -> list[Any]:
        """Return the contacts that were merged into this one, the last one first."""
        rows = self._meta.model.objects.filter(merged_into=self.pk).defer("search", "notes")
        return list(rows.order_by("-merged_at"))

    @property
    def possible_duplicate(self) -> Any:
        """Return the contact that is most likely the same person; None where none is known."""
        pairs = self._meta.apps.get_model("contacts", "DuplicatePair").objects
        pair = pairs.best_of(self.pk)
        return pair and pair.other_than(self)

    @property
    def can_part_until(self) -> datetime | None:
        """Return until when its merge can be undone; None where it was not merged."""
        return self.merged_at and self.merged_at + timedelta(days=settings.MERGE_UNDO_DAYS)

    def note_activity(self) -> None:
        """Have the survivor of a merged contact come up in lists where something came in for it."""
        if self.merged_into:
            rows = models.QuerySet(self._meta.model).filter(pk=self.survivor.pk)
            rows.update(last_activity_at=timezone.now())

    def require_mergeable(self, other: Any) -> None:
        """Raise CannotMerge where another contact cannot be merged into this one."""
        if other.pk == self.pk:
            raise CannotMerge(_("This is one and the same contact: there is nothing to merge."))
        for contact in (self, other):
            if contact.merged_into:
                names = {"name": contact.name, "survivor": contact.survivor.name}
                raise CannotMerge(_("%(name)s was merged into %(survivor)s already.") % names)
        if self.is_archived:
            raise CannotMerge(
                _("%(name)s is archived. Restore this contact first, or keep the other one.")
                % {"name": self.name}
            )
        if len(self.merged_ids) + len(other.merged_ids) >= MERGED_MAX:
            raise CannotMerge(
                _("%(name)s consists of %(count)s merged contacts. That is the limit.")
                % {"name": self.name, "count": MERGED_MAX}
            )

    def absorb(self, other: Any, values: Mapping[str, Any], *, reason: str = "") -> bool:
        """Merge another contact into this one, which takes `values` {attribute: value}.

        That somebody wants no mail is kept, whichever of the two said so, and what is queued for
        either is taken back. Returns False where it was merged into this one already. Call it with
        both locked. Raises CannotMerge, KeyError for a field that a form cannot change, and
        ValidationError where the values are not those of a contact.
        """
        if other.merged_into == self.pk:
            return False
        self.require_mergeable(other)
        for name, value in values.items():
            if not self.can_put_back(name):
                raise KeyError(name)
            setattr(self, name, value)
        if "owner_id" in self.unsaved() and self.owner_id:
            self._require_owner(self.owner_id)
        self.validate_constraints()
        was_open = not self.do_not_contact_at
        if was_open:
            self._copy_opt_out(other)
        self.merged_ids = [*self.merged_ids, *other.all_ids]
        reason = reason.strip()
        details = {"merged": _named(other), "reason": reason, "opted_out": bool(
            was_open and self.do_not_contact_at
        )}  # fmt: skip
        self.save(verb="contact.merged", details=details)
        other.merged_into, other.merged_at = self.pk, timezone.now()
        other.save(verb="contact.merged", details={"into": _named(self), "reason": reason})
        if self.do_not_contact_at:
            self.stop_mail()
        return True

    def part(self, other: Any, *, reason: str = "") -> list[str]:
        """Undo the merge of another contact into this one; return the labels of what is kept.

        A field that the merge set gets its value back, unless somebody has changed it since. The
        other has all that is its own, and also keeps that no mail is wanted, if that was said
        since. Call it with this one locked first, then the other. Raises CannotMerge.
        """
        self.require_partable(other)
        back, kept = self.parting(other)
        for name, value in back.items():
            setattr(self, name, value)
        try:
            self.validate_constraints()
        except ValidationError as error:
            raise CannotMerge(" ".join(error.messages)) from error
        if not other.do_not_contact_at and self.do_not_contact_at:
            other._copy_opt_out(self)
        gone = set(other.all_ids)
        self.merged_ids = [pk for pk in self.merged_ids if pk not in gone]
        reason = reason.strip()
        details = {"parted": _named(other), "kept": kept, "reason": reason}
        self.save(verb="contact.unmerged", details=details)
        other.merged_into = other.merged_at = None
        other.save(verb="contact.unmerged", details={"parted": _named(self), "reason": reason})
        return kept

    def require_partable(self, other: Any) -> None:
        """Raise CannotMerge where the merge of another into this one cannot be undone."""
        if other.merged_into != self.pk:
            raise CannotMerge(_("%(name)s is not merged any more.") % {"name": other.name})
        if self.merged_into:
            raise CannotMerge(
                _("%(name)s was merged into %(survivor)s since. Undo that merge first.")
                % {"name": self.name, "survivor": self.survivor.name}
            )
        if timezone.now() > other.can_part_until:
            ended = date_format(timezone.localtime(other.can_part_until), _("j F Y"))
            raise CannotMerge(
                _("The merge of %(name)s could be undone until %(date)s.")
                % {"name": other.name, "date": ended}
            )

    def parting(self, other: Any) -> tuple[dict[str, Any], list[str]]:
        """Return {attribute: value} of what undoing a merge puts back, and labels of what is kept.

        Of lists only what the merge added or took goes back, so that they never are kept whole.
        """
        without = self.history.exclude(merged_ids__contains=[other.pk])
        before = without.filter(version__lte=self.version).order_by("-version").first()
        after = self.history.get(version=before.version + 1)
        back, kept = {}, []
        for name, field in self.tracked_fields().items():
            if not (self.can_put_back(name) or name in OPTED_OUT):
                continue
            was, became, now = (getattr(row, name) for row in (before, after, self))
            if was == became:
                continue
            if now == became or isinstance(now, list):
                back[name] = _without_step(was, became, now)
            elif now != was and name not in OPTED_OUT:
                kept.append(str(capfirst(field.verbose_name)))
        if not all(getattr(self, name) == getattr(after, name) for name in OPTED_OUT):
            back = {name: value for name, value in back.items() if name not in OPTED_OUT}
        return back, kept

    def _copy_opt_out(self, other: Any) -> None:
        for name in OPTED_OUT:
            setattr(self, name, getattr(other, name))


def _named(contact: Any) -> dict[str, str]:
    return {"id": str(contact.pk), "name": contact.name}


def _without_step(was: Any, became: Any, now: Any) -> Any:
    """Return the value of now as it would be without the step from `was` to `became`."""
    if now == became:
        return was
    kept = [each for each in now if each in was or each not in became]
    return kept + [each for each in was if each not in became and each not in now]
