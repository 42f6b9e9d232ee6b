"""Which settings of the deployment changed since it was last brought up to date: an event too.

How long things are kept, what limits hold and who is mailed decide what the log can prove, and they
stand outside the database. Each `migrate` compares them with those that the newest event holds.
"""

from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.db.migrations.loader import MigrationLoader

from activity.context import acting
from activity.models import ActivityEvent
from activity.recording import Draft, write

# No secret is among them, nor anything that is another on each machine.
NOTED = (
    "ALLOWED_HOSTS",
    "ATTACHMENT_SCANNER",
    "COMMENT_MAX_BYTES",
    "COMMENT_MAX_FILES",
    "COMMENT_MAX_FILE_BYTES",
    "DEBUG",
    "DEFAULT_FROM_EMAIL",
    "DELETED_NAME_DAYS",
    "EXPORTS_PER_HOUR",
    "EXPORT_DAYS",
    "IMPORTS_PER_HOUR",
    "IMPORT_FAILURE_DAYS",
    "IMPORT_MAX_BYTES",
    "INBOUND_DOMAIN",
    "INVITATIONS_IN_BULK_A_DAY",
    "INVITATIONS_PER_ADDRESS_A_DAY",
    "INVITATIONS_PER_HOUR",
    "INVITATION_DAYS",
    "LEDGER_ANCHOR_EMAILS",
    "MESSAGES_PER_HOUR",
    "MESSAGE_GRACE_SECONDS",
    "MESSAGE_MAX_BYTES",
    "MESSAGE_MAX_FILES",
    "MESSAGE_MAX_FILE_BYTES",
    "MFA_REQUIRED_ROLES",
    "OIDC_CREATES_USERS",
    "OIDC_DEFAULT_ROLE",
    "OIDC_NAME",
    "OIDC_SERVER_URL",
    "ORIGIN_DAYS",
    "PASSWORD_RESET_TIMEOUT",
    "PHONE_REGION",
    "SEARCHES_PER_MINUTE",
    "SESSION_COOKIE_AGE",
    "SESSION_IDLE_HOURS",
    "SHARES_PER_HOUR",
    "SITE_NAME",
    "SITE_URL",
    "SUDO_MINUTES",
    "SUPPORT_EMAIL",
    "TRUSTED_PROXIES",
)


def note_settings(plan: Any = None, using: str = "default", **kwargs: Any) -> bool:
    """Write `settings.changed` where a setting is another than the newest such event says.

    Receives `post_migrate`. `plan` is None where nothing was migrated, as after a flush: nothing is
    noted then, and neither is anything before the log's own tables are up to date. Tells whether
    an event was written. The first one holds all settings and no change.
    """
    if plan is None or not _is_up_to_date(using):
        return False
    with transaction.atomic(), acting(channel="command", route="migrate"):
        newest = ActivityEvent.objects.filter(verb="settings.changed").order_by("-id").first()
        before = newest.payload["settings"] if newest else {}
        after = noted()
        if before == after:
            return False
        write([Draft("settings.changed", "settings", None, None, _payload(before, after))])
    return True


def noted() -> dict[str, str]:
    """Return {name: value as text} of the settings that are worth an event."""
    values = {name: _text(getattr(settings, name)) for name in NOTED}
    return values | {"EMAIL": settings.EMAIL_PROVIDER or settings.EMAIL_BACKEND}


def _payload(before: dict[str, str], after: dict[str, str]) -> dict[str, Any]:
    names = sorted(before.keys() | after.keys()) if before else ()
    changes = [
        {
            "field": name,
            "label": name,
            "draw": "text",
            "old": before.get(name) or None,
            "new": after.get(name) or None,
        }
        for name in names
        if before.get(name) != after.get(name)
    ]
    return {"settings": after, "changes": changes}


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _is_up_to_date(using: str) -> bool:
    loader = MigrationLoader(connections[using])
    return all(leaf in loader.applied_migrations for leaf in loader.graph.leaf_nodes("activity"))
