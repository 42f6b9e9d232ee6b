"""`manage.py create_app_role`: makes the database role that web and worker run as."""

import re
import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection, transaction
from psycopg import sql

from activity.database_role import excess, statements, tables

NAME = re.compile(r"(?!pg_)[a-z_][a-z0-9_]{0,62}")
OWNED = (
    "SELECT bool_and(pg_has_role(relowner, 'USAGE')) FROM pg_class WHERE oid = ANY(%s::regclass[])"
)


class Command(BaseCommand):
    """Run it as the owner of the tables, and again after each `migrate`: it mends what differs."""

    help = (
        "Print the SQL that makes a database role which owns nothing and can only add to the log, "
        "for web and worker to run as; --apply runs it. Run it again after each migrate."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the role's name, and where its password is."""
        parser.add_argument("--name", default="annals_app", help="default: %(default)s")
        parser.add_argument("--apply", action="store_true", help="Run the SQL instead of printing.")
        parser.add_argument(
            "--password-file",
            type=Path,
            metavar="FILE",
            help="With --apply: set the password that stands in this file. Without it, a role that "
            "is new gets one that is printed once, on standard error; an older one keeps its own.",
        )

    def handle(self, *, name: str, apply: bool, password_file: Path | None, **options: Any) -> None:
        """Print or run it. Raises CommandError where the role cannot be made, or has too much."""
        if not NAME.fullmatch(name):
            raise CommandError(
                f"{name!r} is no name for a role: use small letters, digits and underscores, up to "
                "63, and do not begin with a digit or with pg_."
            )
        if password_file and not apply:
            raise CommandError("--password-file goes with --apply: no password is ever printed.")
        password = _read(password_file) if password_file else ""
        lines = list(statements(name, *self._place(name)))
        if apply:
            self._apply(name, lines, password)
        else:
            self._print(name, lines)

    def _place(self, name: str) -> tuple[str, str]:
        """Return the names of database and schema, after a look at who is asking."""
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT current_user, current_database(), current_schema()")
                user, database, schema = cursor.fetchone()
                cursor.execute(OWNED, [list(tables())])
                [owns] = cursor.fetchone()
        except DatabaseError as error:
            raise CommandError(f"Run migrate first. The database says: {error}") from None
        if user == name:
            raise CommandError(
                f"This runs as {name} itself: name the owner of the tables in DATABASE_URL."
            )
        if not owns:
            raise CommandError(
                f"{user} does not own the tables of Annals: name their owner in DATABASE_URL."
            )
        return database, schema

    def _print(self, name: str, lines: list[sql.Composable]) -> None:
        self.stdout.write(f"-- Then set its password, in psql: \\password {name}\nBEGIN;")
        for line in lines:
            self.stdout.write(f"{line.as_string(connection.connection)};")
        self.stdout.write("COMMIT;")

    def _apply(self, name: str, lines: list[sql.Composable], password: str) -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [name])
                made = "" if password or cursor.rowcount else secrets.token_urlsafe(32)
                for line in lines:
                    cursor.execute(line)
                if password or made:
                    cursor.execute(_new_password(name, password or made))
                powers = excess(name)
        except DatabaseError as error:
            raise CommandError(f"The role was not made or changed: {error}") from None
        if powers:
            raise CommandError(
                f"{name} has its privileges, but is no role to run Annals as: {'; '.join(powers)}. "
                "Take that from it, or choose another --name."
            )
        self.stdout.write(f"{name} can do what Annals needs, and no more.")
        if made:
            self.stderr.write(f"Its password, shown this once: {made}")


def _read(file: Path) -> str:
    try:
        password = file.read_text().strip("\r\n")
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise CommandError(f"{file} holds no text.") from None
    if not password:
        raise CommandError(f"{file} is empty.")
    return password


def _new_password(name: str, password: str) -> sql.Composable:
    """Return the SQL that sets a password, which holds no more than its SCRAM verifier.

    So the server's log has no password to keep, whatever it logs.
    """
    libpq = connection.connection.pgconn
    verifier = libpq.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
    return sql.SQL("ALTER ROLE {} PASSWORD {}").format(
        sql.Identifier(name), sql.Literal(verifier.decode())
    )
