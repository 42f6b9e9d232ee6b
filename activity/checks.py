"""What `manage.py check --deploy --database default` says of the database under the log."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DatabaseError, connection

from activity.database_role import excess
from activity.ledger.verification.installed import check_guards


def excess_of_role() -> list[str]:
    """Return, as a sentence, what the application's database role can do and should not."""
    powers = excess()
    if not powers:
        return []
    return [f"The database role of Annals can do more than it needs: {'; '.join(powers)}."]


def altered_guards() -> list[str]:
    """Return, as a sentence each, which guards of the log are not as migrations make them."""
    found = [finding for finding in check_guards() if not finding.is_notice]
    return [
        f"A guard of the log is not as it should be; expected: {each.expected}." for each in found
    ]


HINTS = {
    "activity.W001": (
        excess_of_role,
        "Run manage.py create_app_role as the owner, and name that role in DATABASE_URL.",
    ),
    "activity.W002": (
        altered_guards,
        "Find out who changed it, and what has happened since: run manage.py verify_ledger.",
    ),
}


def weaknesses() -> list[str]:
    """Return why the log is less safe than it could be, as sentences."""
    return [message.msg for message in check_database([connection.alias])]


@register(Tags.database, deploy=True)
def check_database(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Warn where the application could take the log's guards off, or somebody has."""
    if connection.alias not in (databases or ()):
        return []
    messages: list[CheckMessage] = []
    for name, (look, hint) in HINTS.items():
        try:
            messages += [Warning(text, hint=hint, id=name) for text in look()]
        except DatabaseError as error:
            reason = str(error).partition("\n")[0]
            text = f"The database does not say how safe the log is: {reason}"
            messages.append(Warning(text, id=name))
    return messages


@register(deploy=True)
def check_anchors(**kwargs: Any) -> list[CheckMessage]:
    """Warn where whoever can change the database can change every checkpoint of it as well."""
    options = settings.STORAGES["anchors"].get("OPTIONS", {})
    is_here = options.get("location") == settings.ANNALS_VAR / "anchors"
    if settings.LEDGER_ANCHOR_EMAILS or not is_here:
        return []
    return [
        Warning(
            "No checkpoint of the log leaves this machine, so that it proves little.",
            hint="Name somebody to be mailed in LEDGER_ANCHOR_EMAILS, or a folder that is on "
            "another machine in LEDGER_ANCHOR_FOLDER.",
            id="activity.W003",
        )
    ]
