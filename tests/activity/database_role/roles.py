"""The role of the tests, and connections as that role."""

import io
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection

ROLE = "annals_test_app"


def create(*options: str) -> tuple[str, str]:
    """Run the command; return what it said on standard output and on standard error."""
    out, err = io.StringIO(), io.StringIO()
    call_command("create_app_role", "--name", ROLE, *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def drop() -> None:
    """Drop the role, with all that it was granted."""
    run(f"DROP OWNED BY {ROLE}")
    run(f"DROP ROLE {ROLE}")


@contextmanager
def working_as(user: str) -> Iterator[None]:
    """Let Django's own connections be those of another role; the embedded server trusts us."""
    owner = connection.settings_dict["USER"]

    def become(name: str) -> None:
        connection.close()
        connection.close_pool()
        connection.settings_dict["USER"] = name

    become(user)
    try:
        yield
    finally:
        become(owner)
