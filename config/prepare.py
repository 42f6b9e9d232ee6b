"""Bring database, static files and demo data up to date: `python -m config.prepare`."""

import errno
import hashlib
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import OperationalError
from psycopg.errors import DiskFull

from config import embedded
from config.mail import folder


def collect_static() -> None:
    """Collect the static files where any has changed since the last time."""
    state = Path(settings.STATIC_ROOT) / ".state"
    digest = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            found = Path(storage.path(name)).stat()
            digest.update(f"{name} {found.st_mtime_ns} {found.st_size}\n".encode())
    if state.exists() and state.read_text() == digest.hexdigest():
        return
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    state.write_text(digest.hexdigest())


def is_empty() -> bool:
    """Return whether nobody has put anything into the database yet."""
    from contacts.models import Contact

    return not get_user_model().objects.exists() and not Contact.objects.exists()


def notes() -> str:
    """Return what to know before the first visit: the demo's sign-ins and where mail goes."""
    from accounts import demo

    present = set(get_user_model().objects.values_list("email", flat=True))
    lines = [f"  {email:20} {role.label}" for email, _name, role in demo.PEOPLE if email in present]
    if demo.INVITED in present:
        lines.append(f"  {demo.INVITED}  her portal only")
    if lines:
        lines = ["", f"Sign in to the demo with the password {demo.PASSWORD}:", *lines]
    if folder.is_used():
        lines += [
            "",
            f"Mail that Annals sends is kept for administrators at {settings.SITE_URL}/mail/",
        ]
    return "\n".join(lines)


def main() -> None:
    """Do all three and print the notes. Exits with one sentence where that is not possible."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        # A pool would try again and again, and keep the reason to itself.
        settings.DATABASES["default"]["OPTIONS"].pop("pool", None)
        django.setup()
        call_command("migrate", interactive=False, verbosity=0)
        collect_static()
        if is_empty():
            sys.stderr.write("Making demo data ...\n")
            call_command("seed_demo", verbosity=0, stdout=sys.stderr)
        sys.stdout.write(notes() + "\n")
    except OperationalError as error:
        if isinstance(error.__cause__, DiskFull):
            sys.exit(str(embedded.explain(OSError(errno.ENOSPC, ""))))
        reason = str(error).partition("\n")[0]
        sys.exit(f"The database does not answer; is DATABASE_URL right? It says: {reason}")
    except OSError as error:
        sys.exit(str(embedded.explain(error)))
    except embedded.Unavailable as problem:
        sys.exit(str(problem))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
