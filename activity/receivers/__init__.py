"""Listen to what the apps announce, and write it down in the transaction that made it.

One module for each subject: contacts and what belongs to them, runs of imports and bulk actions,
users, sign-ins, exports, pins; and let go what goes with them.
"""

from activity.receivers import exports, looks, notifications, pins, sign_ins, users
from activity.receivers.changes import draft
from activity.receivers.runs import draft_of_import

__all__ = [
    "draft",
    "draft_of_import",
    "exports",
    "looks",
    "notifications",
    "pins",
    "sign_ins",
    "users",
]
