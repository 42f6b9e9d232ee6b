"""The settings of messages and invitations, from the environment."""

from typing import Any

import environ


def outreach_settings(env: environ.Env) -> dict[str, Any]:
    """Return what may be sent, how much of it, and how long one can think better of it.

    MESSAGE_GRACE_SECONDS: seconds in which a message can still be taken back before it leaves.
    MESSAGE_MAX_FILES: how many files a message can carry.
    MESSAGE_MAX_FILE_BYTES: how large one of them can be, in bytes.
    MESSAGE_MAX_BYTES: how large all of them can be together, in bytes; a mail is a third larger.
    COMMENT_MAX_FILES: how many files a comment can have; they are never mailed.
    COMMENT_MAX_FILE_BYTES: how large one of them can be, in bytes.
    COMMENT_MAX_BYTES: how large all of them can be together, in bytes.
    ATTACHMENT_SCANNER: a virus scanner: the dotted path of a callable that looks into each file
    before it is kept (docs/files.md).
    INVITATION_DAYS: days after which an invitation that nobody answered ends.
    INVITATIONS_PER_HOUR: invitations that one person can send one by one within an hour.
    INVITATIONS_PER_ADDRESS_A_DAY: invitations that one address can receive within a day.
    INVITATIONS_IN_BULK_A_DAY: invitations that one person can send within a day by actions on many
    contacts, which count apart.
    """
    return {
        "MESSAGE_GRACE_SECONDS": env.int("MESSAGE_GRACE_SECONDS", default=10),
        "MESSAGE_MAX_FILES": env.int("MESSAGE_MAX_FILES", default=10),
        "MESSAGE_MAX_FILE_BYTES": env.int("MESSAGE_MAX_FILE_BYTES", default=25 * 1024 * 1024),
        "MESSAGE_MAX_BYTES": env.int("MESSAGE_MAX_BYTES", default=25 * 1024 * 1024),
        "COMMENT_MAX_FILES": env.int("COMMENT_MAX_FILES", default=10),
        "COMMENT_MAX_FILE_BYTES": env.int("COMMENT_MAX_FILE_BYTES", default=25 * 1024 * 1024),
        "COMMENT_MAX_BYTES": env.int("COMMENT_MAX_BYTES", default=100 * 1024 * 1024),
        "ATTACHMENT_SCANNER": env("ATTACHMENT_SCANNER", default=""),
        "INVITATION_DAYS": env.int("INVITATION_DAYS", default=7),
        "INVITATIONS_PER_HOUR": env.int("INVITATIONS_PER_HOUR", default=100),
        "INVITATIONS_PER_ADDRESS_A_DAY": env.int("INVITATIONS_PER_ADDRESS_A_DAY", default=5),
        "INVITATIONS_IN_BULK_A_DAY": env.int("INVITATIONS_IN_BULK_A_DAY", default=10_000),
    }
