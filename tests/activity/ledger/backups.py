"""What becomes of the log where a backup is restored, or its owner changes it behind the guards."""

from typing import Any

from django.db import connection

from tests.activity.ledger.tampering import unguarded


def tamper(*statements: str, **parameters: Any) -> None:
    """Run the statements behind the guards."""
    with unguarded(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, parameters)


def go_back(size: int) -> None:
    """Put the database back to when the first epoch had `size` leaves, as a restored backup does.

    There must be a checkpoint of that size.
    """
    tamper(
        "DELETE FROM activity_event WHERE id IN"
        " (SELECT event_id FROM activity_leaf WHERE index >= %(size)s OR epoch > 1)"
        " OR id IN (SELECT event_id FROM activity_pending)",
        "DELETE FROM activity_leaf WHERE index >= %(size)s OR epoch > 1",
        "DELETE FROM activity_node WHERE (index + 1) * power(256, level) > %(size)s OR epoch > 1",
        "DELETE FROM activity_checkpoint WHERE size > %(size)s OR epoch > 1",
        "DELETE FROM activity_key WHERE from_size > %(size)s OR epoch > 1",
        "DELETE FROM activity_epoch WHERE number > 1",
        "DELETE FROM activity_pending",
        size=size,
    )
