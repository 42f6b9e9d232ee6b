"""Giving a field of a contact the value that it had before."""

from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from contacts.models.tag import Tag
from contacts.models.tracking import StaleRow

ADDRESSES = frozenset({"emails", "phones"})


class Recoverable(models.Model):
    """The part of a contact that puts earlier values back, one field at a time.

    The rules are those of the contact's form. A value that the contact had is not read anew, as it
    is not there: it may have come from an import.
    """

    objects: Any
    history: Any
    tags: list[str]
    pk: Any
    version: int
    save: Any  # these are those of Tracked
    tracked_fields: Any
    unspoken: ClassVar[frozenset[str]]
    require_active: Any

    class Meta:
        abstract = True

    @classmethod
    def recoverable(cls) -> dict[str, str]:
        """Return {attribute: label} of the fields whose earlier values can be put back."""
        return {
            name: str(capfirst(field.verbose_name))
            for name, field in cls.tracked_fields().items()
            if cls.can_put_back(name)
        }

    @classmethod
    def can_put_back(cls, name: str) -> bool:
        """Tell whether a field is not one that only a verb of its own changes, as archiving."""
        return name in cls.tracked_fields() and name not in cls.unspoken

    def put_back(
        self,
        name: str,
        version: int,
        *,
        seen: int,
        source: dict[str, Any] | None = None,
        shared: bool = False,
    ) -> bool:
        """Give a field (`name` is the attribute's, "owner_id") the value it had in a version.

        `seen` is the version that was looked at, `source` what the event is to say of the log's
        entry of that value, `shared` says that it may be an address that another contact has.
        Returns False where the field has that value. Call it with the contact locked.

        Raises KeyError for any other field than those, DoesNotExist for a version that is
        not there, Blocked where the contact is archived, StaleRow where somebody changed the field
        since `seen`, and ValidationError where the value cannot be had now: with the code "taken"
        where another contact has the address.
        """
        if not self.can_put_back(name):
            raise KeyError(name)
        self.require_active()
        value, now = getattr(self.history.get(version=version), name), getattr(self, name)
        if value == now:
            return False
        if seen != self.version:
            known = self.history.filter(version=seen).first()
            if known is None or getattr(known, name) != now:
                row: Any = self
                raise StaleRow(row)
        if name == "owner_id" and value:
            self._require_owner(value)
        if name in ADDRESSES and not shared:
            self._require_free(name, set(value) - set(now))
        setattr(self, name, value)
        try:
            self.validate_constraints()
        except ValidationError:
            setattr(self, name, now)
            raise
        self.save(verb="value.restored", details={"from_version": version, **(source or {})})
        Tag.remember(self.tags)
        return True

    def having(self, name: str, values: set[str]) -> "models.QuerySet[Self]":
        """Return the other contacts that have one of these emails or phones."""
        rows: models.QuerySet[Self] = self._meta.model.objects.unmerged()
        return rows.filter(**{f"{name}__overlap": list(values)}).exclude(pk=self.pk)

    def _require_owner(self, pk: Any) -> None:
        owner = self._meta.get_field("owner").related_model.objects.get(pk=pk)
        if not owner.is_active:
            raise ValidationError(
                _("%(owner)s is not in the team any more. Choose another owner."),
                code="left",
                params={"owner": owner},
            )

    def _require_free(self, name: str, values: set[str]) -> None:
        other = self.having(name, values).first() if values else None
        if other:
            raise ValidationError(
                _("%(contact)s has %(address)s now."),
                code="taken",
                params={
                    "contact": other,
                    "address": ", ".join(sorted(values & set(getattr(other, name)))),
                },
            )
