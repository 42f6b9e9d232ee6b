"""`manage.py migrate`: Django's, so that nobody who uses Annals waits for it meanwhile.

Changing a table needs it for oneself. Whoever asks for it then waits behind the migration, and the
migration behind whoever reads the table, perhaps for minutes. So it waits for a moment only, lets
everybody pass, and tries again.
"""

import time
from typing import Any

from django.core.management.commands.migrate import Command as Migrate
from django.db import OperationalError, connections

WAIT = "2s"  # of a migration for a table; pages wait as long
PAUSE = 3  # seconds between two tries
TRIES = 60
LOCK_NOT_AVAILABLE = "55P03"  # SQLSTATE


class Command(Migrate):
    """Takes the same arguments. Raises OperationalError where a table is in use for minutes."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate. What is done already stays done; each further try begins behind it."""
        connection = connections[options["database"]]
        for left in reversed(range(TRIES)):
            try:
                with connection.cursor() as cursor:
                    cursor.execute(f"SET lock_timeout = '{WAIT}'")
                super().handle(*args, **options)
                break
            except OperationalError as error:
                if not left or getattr(error.__cause__, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                    raise
                self.stdout.write("\nA table is in use. Trying again in a moment.")
                time.sleep(PAUSE)
            finally:
                with connection.cursor() as cursor:
                    cursor.execute("SET lock_timeout TO DEFAULT")
