"""Listen to what the apps announce, and write it down in the transaction that made it.

One module for each subject: contacts and what belongs to them, runs of imports and bulk actions,
users, what they sign in with, sign-ins, exports, pins, tags; and let go what goes with them.
"""

from activity.receivers import (
    exports,
    factors,
    looks,
    notifications,
    pins,
    sign_ins,
    tags,
    users,
)
from activity.receivers.changes import draft
from activity.receivers.runs import draft_of_import

__all__ = [
    "draft",
    "draft_of_import",
    "exports",
    "factors",
    "looks",
    "notifications",
    "pins",
    "sign_ins",
    "tags",
    "users",
]
