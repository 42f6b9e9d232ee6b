"""Rows whose every change is announced, so that it can be recorded where it is committed.

A tracked row knows the values it was loaded with. Saving writes only what differs, refuses to
overwrite what somebody else changed meanwhile, and sends `changed` inside the same transaction;
so do `update`, `bulk_create` and `bulk_update` of its QuerySet.
"""

import copy
import functools
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models.changes import Change, changed
from contacts.models.together import gathering
from contacts.models.tracked_query import TrackedQuerySet

# Types whose values cannot change, so that they need no copy.
FIXED = frozenset({bool, datetime, int, str, type(None), UUID})


class StaleRow(Exception):
    """The row was changed by somebody else after this copy of it was read."""

    def __init__(self, row: "Tracked") -> None:
        super().__init__(_("Somebody else changed this in the meantime."))
        self.row = row


class Tracked(models.Model):
    """A model whose rows never change unannounced (see the module's docstring).

    The database counts `version` up by one with every change of a tracked column, whoever makes it.
    """

    version = models.PositiveIntegerField(default=1, editable=False)

    noun: ClassVar[str]  # the first half of its verbs: "contact" in "contact.archived"
    created_as: ClassVar[str] = "created"  # the second half when a row is new
    contact_column: ClassVar[str] = "contact_id"  # where it names the contact it belongs to
    untracked: ClassVar[frozenset[str]] = frozenset({"version"})  # never part of a change
    unspoken: ClassVar[frozenset[str]] = frozenset()  # changes that the verb itself says
    touched: ClassVar[tuple[str, ...]] = ()  # columns that say when it was last written

    loaded: dict[str, Any] = {}
    Stale = StaleRow
    objects = TrackedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(
        self,
        *,
        verb: str = "",
        details: dict[str, Any] | None = None,
        by: Any = None,
        update_fields: Iterable[str] | None = None,
        **kwargs: Any,
    ) -> None:
        """Insert the row, or write what differs from the values it was loaded with.

        `verb` is the full verb of the event ("contact.archived"), by default created or updated;
        `details` goes into its payload; `by` is the contact that did it without an account. Without
        a difference and without a verb nothing happens.
        Raises StaleRow where somebody else changed the row since it was read.
        """
        gathered = gathering(type(self))
        if gathered and not self._state.adding and update_fields is None:
            gathered.make_room(self)
            gathered.add(self._taken(verb or self.verb("updated"), details or {}, by))
            return
        with transaction.atomic(savepoint=False):
            if self._state.adding:
                before, participle, written = {}, self.created_as, None
                self.touch()
                super().save(**kwargs)
            else:
                unsaved = self.unsaved()
                before, participle = dict(self.loaded), "updated"
                written = self._write(unsaved, update_fields, **kwargs)
            self._read_results(written)
            self.remember(written)
            verb = verb or self.verb(participle)
            self.announce([Change(self, verb, before, self.loaded, details or {}, by)])

    save.alters_data = True

    @property
    def contact_key(self) -> Any:
        """Return the id of the contact on whose timeline this row's events belong."""
        return getattr(self, self.contact_column)

    @classmethod
    @functools.cache
    def tracked_fields(cls) -> dict[str, models.Field]:
        """Return {attribute name: field} of all that counts as content of a row."""
        return {
            f.attname: f
            for f in cls._meta.concrete_fields
            if not f.primary_key and not f.generated and f.attname not in cls.untracked
        }

    @classmethod
    def verb(cls, participle: str) -> str:
        """Return the full verb for a participle: "archived" -> "contact.archived"."""
        return f"{cls.noun}.{participle}"

    @classmethod
    def announce(cls, changes: Iterable[Change]) -> None:
        """Send `changed` for what changed a value, and for what has a verb of its own anyway."""
        real = [c for c in changes if c.differences or c.verb != cls.verb("updated")]
        if real:
            changed.send(sender=cls, changes=real)

    @classmethod
    def from_db(cls, db: str | None, field_names: Sequence[str], values: Sequence[Any]) -> Self:
        """Build a row from the database and remember what it holds."""
        row = super().from_db(db, field_names, values)
        row.remember()
        return row

    def refresh_from_db(self, using: Any = None, fields: Any = None, from_queryset: Any = None):
        """Read the row, or those fields of it, again and remember what they hold now."""
        super().refresh_from_db(using, fields, from_queryset)
        self.remember(None if fields is None else self._attnames(fields))

    def remember(self, names: Iterable[str] | None = None) -> None:
        """Take the values held now, of all fields or the named ones, for those in the database."""
        held = self.__dict__
        tracked = self.tracked_fields()
        kept = {} if names is None else dict(self.loaded)
        wanted = tracked if names is None else [n for n in names if n in tracked]
        for name in wanted:
            if name in held:
                value = held[name]
                kept[name] = value if type(value) in FIXED else copy.copy(value)
        self.loaded = kept

    def touch(self) -> None:
        """Take this moment for that in which it was last written."""
        for name in self.touched:
            setattr(self, name, timezone.now())

    def unsaved(self) -> dict[str, tuple[Any, Any]]:
        """Return {attribute: (loaded, current)} of what was changed since it was read."""
        held = self.__dict__
        for name in self.tracked_fields().keys() - self.loaded.keys():
            if name in held:  # deferred when the row was read, assigned since
                stored = self._meta.base_manager.values_list(name, flat=True).get(pk=self.pk)
                self.loaded = {**self.loaded, name: stored}
        return {name: (old, held[name]) for name, old in self.loaded.items() if old != held[name]}

    @classmethod
    def drawn(cls, name: str) -> str:
        """Return how values of a field are drawn: the name of a template in activity/values."""
        field = cls.tracked_fields()[name]
        if isinstance(field, ArrayField):
            return "list"
        return "long" if isinstance(field, models.TextField) else "text"

    def displayed(self, name: str, value: Any) -> Any:
        """Return a value of a field as people read it: text, a list of texts, a flag or None."""
        if value is None or isinstance(value, bool | str):
            return value
        if isinstance(value, list):
            return [str(self.displayed(name, item)) for item in value]
        return str(value)

    def _taken(self, verb: str, details: dict[str, Any], by: Any) -> Change:
        """Return the change since the row was read, as if it were written."""
        before, unsaved = dict(self.loaded), self.unsaved()
        if unsaved:
            self.version += 1
            self.touch()
        self.remember(unsaved)
        return Change(self, verb, before, self.loaded, details, by)

    def _write(
        self, unsaved: dict[str, Any], only: Iterable[str] | None, **kwargs: Any
    ) -> Iterable[str]:
        names = unsaved.keys() if only is None else unsaved.keys() & self._attnames(only)
        if names:
            self.version += 1
            self.touch()
            try:
                kwargs.pop("force_insert", None)
                super().save(update_fields=[*names, "version", *self.touched], **kwargs)
            except BaseException:
                self.version -= 1
                raise
        return names

    def _read_results(self, written: Iterable[str] | None) -> None:
        """Replace expressions, such as F("city"), by what the database made of them."""
        wanted, held = written or self.tracked_fields(), self.__dict__
        names = [n for n in wanted if hasattr(held.get(n), "resolve_expression")]
        if names:
            self.refresh_from_db(fields=names)

    def _attnames(self, names: Iterable[str]) -> set[str]:
        return {getattr(self._meta.get_field(name), "attname", name) for name in names}

    def _do_update(self, base_qs, *args: Any) -> bool:
        if super()._do_update(base_qs.filter(version=self.version - 1), *args):
            return True
        raise StaleRow(self)
