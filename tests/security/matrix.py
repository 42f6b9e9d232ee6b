"""Writes docs/permissions.md: who may do what, as every address answers every role.

    .venv/bin/python -m tests.security.matrix > docs/permissions.md

It asks each address as each role, on a PostgreSQL of its own in a temporary folder, and takes about
a minute. What is answered otherwise than declared in tests/security/permissions.toml goes to
standard error, and the exit code is 1.
"""

import os
import signal
import sys
import tempfile
from collections.abc import Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.security.asking import Cell

COLUMNS = {
    "anonymous": "signed out", "deactivated": "switched off", "portal": "portal", "none": "no role",
    "viewer": "viewer", "member": "member", "manager": "manager", "administrator": "administrator",
}  # fmt: skip
SIGNS = {"yes": "✓", "sign in": "sign in", "confirm": "✓"}
HEAD = """# Permissions

Who may do what. `python -m tests.security.matrix` writes this page: it asks each address as each
role, with real objects, and notes what is answered. A test holds the two equal. What roles may do
is decided in `accounts/roles.py`.

- **✓** is done, or answered with what is wrong in what was sent.
- **sign in** leads to the sign-in page, and back afterwards.
- **403** is refused, **404** as if nothing was there. Nothing is changed, and nothing told.
- *Signed out* is anybody, *switched off* whose account an administrator has closed, *portal* an
  invited contact, *no role* somebody who was not given one yet.
- *Another’s* is the same with what belongs to somebody else.
- ◆ asks for the password, a passkey or a code once more, where the last time was more than
  `SUDO_MINUTES` ago.
- A method that is not named is answered with 405. No GET changes anything; that an administrator
  looked at the log is an entry of the log.
"""


def page(cells: "Iterable[Cell]") -> str:
    """Return the page that tells of these answers."""
    lines = [HEAD]
    for area, found in groupby(cells, key=lambda cell: cell.entry.area):
        columns = " | ".join(COLUMNS.values())
        lines += [f"## {area}", "", f"| action | address | {columns} |"]
        lines += ["| --- " * (len(COLUMNS) + 2) + "|"]
        rows: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
        for (entry, own, method), answers in groupby(
            found, key=lambda c: (c.entry, c.own, c.method)
        ):
            if method not in entry.methods:
                continue
            told = {cell.role: SIGNS.get(cell.outcome, cell.outcome) for cell in answers}
            action = entry.action + (f", {entry.case}" if entry.case else "")
            action += "" if own else ", another’s"
            action += " ◆" if method in entry.confirms else ""
            row = (action, entry.shown, tuple(told[role] for role in COLUMNS))
            rows.setdefault(row, []).append(method)
        for (action, path, signs), methods in rows.items():
            cells_told = " | ".join(signs)
            lines.append(f"| {action} | {', '.join(methods)} `{path}` | {cells_told} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _asked_for(cell: "Cell") -> tuple[Any, ...]:
    return cell.entry, cell.own, cell.method


def main() -> int:
    """Ask, write the page to standard output, and return the exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
    with tempfile.TemporaryDirectory(prefix="annals-matrix-", dir="/tmp") as folder:
        os.environ |= {"ANNALS_VAR": folder, "DJANGO_SETTINGS_MODULE": "config.settings"}
        for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "EMAIL_PROVIDER", "SITE_URL"):
            os.environ.pop(name, None)
        # Only now: what is imported reads the environment.
        from config import embedded

        embedded.start(durable=False)
        try:
            cells = _asked()
        finally:
            embedded.stop()
    from tests.security.declared import undeclared

    wrong = list(filter(None, [undeclared(), *(cell.offence for cell in cells)]))
    sys.stdout.write(page(cells))
    sys.stderr.write("\n".join([*wrong, f"{len(cells)} answers, {len(wrong)} not as declared", ""]))
    return 1 if wrong else 0


def _asked() -> "list[Cell]":
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.db import transaction
    from django.test.utils import setup_test_environment

    django.setup()
    settings.LOGGING_CONFIG = None
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    setup_test_environment()
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("migrate", interactive=False, verbosity=0)
    import logging

    logging.disable()
    from tests.security.asking import observe
    from tests.security.world import World, keeping_mail

    with keeping_mail(), transaction.atomic():
        cells = list(observe(World(), wholly=True))
        transaction.set_rollback(True)
    return cells


if __name__ == "__main__":
    sys.exit(main())
