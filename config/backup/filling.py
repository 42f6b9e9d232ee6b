"""Fills an empty database from a dump."""

import shutil
import subprocess
import tempfile
from typing import IO

from django.db import connection

from config.backup import programs
from config.backup.problem import Problem

# In one transaction: an interrupted one leaves nothing.
FILLING = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
BLOCK = 1024 * 1024  # bytes handed on at once


def fill(dump: IO[bytes], major: int) -> None:
    """Restore a dump of that major version of PostgreSQL, all of it or nothing. Raises Problem."""
    needed = max(major, connection.pg_version // 10_000)
    program = programs.found("pg_restore", needed)
    into = f"--dbname={connection.settings_dict['NAME'] or 'postgres'}"
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(
            [program, *FILLING, "--no-password", into],
            env=programs.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
        ) as process:
            try:
                shutil.copyfileobj(dump, process.stdin, BLOCK)
                process.stdin.close()
            except BrokenPipeError:
                pass  # it says itself why it went
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            said.seek(0)
            why = programs.reason(said.read())
            raise Problem(f"pg_restore failed, and left the database as it was: {why}.")
    with connection.cursor() as cursor:
        # Plans made for empty tables would read whole ones.
        cursor.execute("VACUUM (ANALYZE)")
