"""What a tracked row announces: its changes, as signals that the log listens to."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.dispatch import Signal
from django.utils.functional import cached_property

if TYPE_CHECKING:
    from contacts.models.tracking import Tracked

# Sent with `changes`, a list of Change, all of one model, before the transaction ends.
changed = Signal()

# Sent with `contact_ids` when contacts were deleted, after `changed`, in the same transaction; with
# `accounts`, the ids of the users who were closed with them.
deleted = Signal()

# Sent with `contact_id` when a mail went a step on its way that is no event: it left, or arrived.
delivery_moved = Signal()


@dataclass(frozen=True)
class Change:
    """One row's step from `before` to `after`.

    `by` is who did it, where that is not the user who is signed in: a contact without an account.
    `verb` names it ("contact.archived"), `details` is what only the verb's caller knew (a reason);
    `before` is empty for a new row, `after` for one that is gone. Both map attribute names
    ("owner_id") to values and hold the same tracked fields.
    """

    row: "Tracked"
    verb: str
    before: dict[str, Any]
    after: dict[str, Any]
    details: dict[str, Any] = field(default_factory=dict)
    by: Any = None

    @cached_property
    def differences(self) -> dict[str, tuple[Any, Any]]:
        """Return {attribute: (old, new)} of the tracked fields that differ; None where absent."""
        if not self.before:
            return {name: (None, new) for name, new in self.after.items() if new is not None}
        names = self.after or self.before
        return {
            name: (self.before.get(name), self.after.get(name))
            for name in names
            if self.before.get(name) != self.after.get(name)
        }
