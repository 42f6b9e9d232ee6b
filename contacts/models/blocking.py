"""What stands in the way of writing to a contact, and of undoing what was done."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

# How long somebody can undo what they did: ten seconds as offered, and a minute for a slow line.
UNDO_TIME = timedelta(seconds=70)


class Blocked(Exception):
    """Nothing may leave the house to this contact; `reason` is "archived" or "opted_out".

    As text it is a sentence that says so, and what to do.
    """

    def __init__(self, contact: Any, reason: str) -> None:
        sentences = {
            "archived": _("%(name)s is archived. Restore this contact first."),
            "opted_out": _(
                "%(name)s asked not to be contacted. If that has changed, note first that this"
                " contact may be contacted again."
            ),
        }
        super().__init__(sentences[reason] % {"name": contact.name})
        self.contact = contact
        self.reason = reason


class TooMany(Exception):
    """Somebody sends more than the limit allows; as text, a sentence that says when it goes on."""


class TooLate(Exception):
    """What somebody did cannot be undone any more."""
