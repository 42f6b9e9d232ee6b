"""Two people edited one contact: what each changed, and where both changed the same."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.text import capfirst

from contacts.models import Contact

_UNKNOWN = object()


@dataclass(frozen=True)
class Conflict:
    """A field that both changed, each to another value. `name` is the attribute's ("owner_id")."""

    name: str
    label: str
    theirs: Any
    yours: Any

    @property
    def several(self) -> bool:
        """Tell whether the values are lists."""
        return isinstance(self.theirs or self.yours, list)


@dataclass
class Reconciliation:
    """What came of putting edits on top of those that others saved in the meantime.

    `conflicts` wait for a choice; `kept` are the labels of fields that only others changed, and
    `editors` the names of the others, without the one who asks.
    """

    conflicts: list[Conflict] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    editors: list[str] = field(default_factory=list)

    @classmethod
    def of(
        cls, contact: Contact, version: int | None, choices: dict[str, str], asking: Any
    ) -> "Reconciliation":
        """Put the unsaved edits of a contact on top of what was saved since `version`.

        `contact` was read under a lock and then edited; fields that only others changed get their
        values back. `choices` maps attribute names to "theirs" or "yours" for conflicts shown
        before; "theirs" is the value at `version`. A version that is not known counts as one in
        which everything was different, so that nothing is overwritten unseen.
        """
        stored = dict(contact.loaded)
        base = stored if version == contact.version else _values_at(contact, version)
        for name, choice in choices.items():
            if choice == "theirs" and name in base:
                setattr(contact, name, base[name])
        found = cls()
        for name, (theirs, yours) in contact.unsaved().items():
            began = base.get(name, _UNKNOWN)
            label = str(capfirst(contact.tracked_fields()[name].verbose_name))
            if yours == began:
                setattr(contact, name, theirs)
                found.kept.append(label)
            elif theirs != began:
                shown = (contact.displayed(name, each) for each in (theirs, yours))
                found.conflicts.append(Conflict(name, label, *shown))
        if version != contact.version:
            found.editors = _editors_since(contact, version, asking)
        return found


def _values_at(contact: Contact, version: int | None) -> dict[str, Any]:
    row = contact.history.filter(version=version).first()
    return {name: getattr(row, name) for name in contact.tracked_fields()} if row else {}


def _editors_since(contact: Contact, version: int | None, asking: Any) -> list[str]:
    rows = contact.history.filter(version__gt=version or 0).select_related("history_user")
    people = {row.history_user_id: row.history_user for row in rows if row.history_user}
    return [str(person) for key, person in people.items() if key != asking.pk]
