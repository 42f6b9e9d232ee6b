"""The settings of messages and invitations, from the environment."""

from typing import Any

import environ


def outreach_settings(env: environ.Env) -> dict[str, Any]:
    """Return what may be sent, how much of it, and how long one can think better of it."""
    return {
        # Seconds in which a message can still be cancelled before it leaves.
        "MESSAGE_GRACE_SECONDS": env.int("MESSAGE_GRACE_SECONDS", default=10),
        # How many files a message can carry, and how large one and all of them can be, in bytes.
        "MESSAGE_MAX_FILES": env.int("MESSAGE_MAX_FILES", default=10),
        "MESSAGE_MAX_FILE_BYTES": env.int("MESSAGE_MAX_FILE_BYTES", default=25 * 1024 * 1024),
        "MESSAGE_MAX_BYTES": env.int("MESSAGE_MAX_BYTES", default=25 * 1024 * 1024),
        # The same for comments, which never leave.
        "COMMENT_MAX_FILES": env.int("COMMENT_MAX_FILES", default=10),
        "COMMENT_MAX_FILE_BYTES": env.int("COMMENT_MAX_FILE_BYTES", default=25 * 1024 * 1024),
        "COMMENT_MAX_BYTES": env.int("COMMENT_MAX_BYTES", default=100 * 1024 * 1024),
        # A callable, by its dotted path, that looks into each file before it is kept: scanning.py.
        "ATTACHMENT_SCANNER": env("ATTACHMENT_SCANNER", default=""),
        # Days after which an invitation that nobody answered ends.
        "INVITATION_DAYS": env.int("INVITATION_DAYS", default=7),
        # How many invitations a member may send in an hour, and an address receive in a day.
        "INVITATIONS_PER_HOUR": env.int("INVITATIONS_PER_HOUR", default=100),
        "INVITATIONS_PER_ADDRESS_A_DAY": env.int("INVITATIONS_PER_ADDRESS_A_DAY", default=5),
        # How many invitations a member may send within a day by bulk actions, which count apart.
        "INVITATIONS_IN_BULK_A_DAY": env.int("INVITATIONS_IN_BULK_A_DAY", default=10_000),
    }
