"""Brings the database up to date while the previous release serves, and goes back again.

    .venv/bin/python -m tests.faults.upgrade --from f4f9bec --seconds 20

The previous release, as git has it, makes a database and serves it with web, worker and beat, while
people write, archive, restore and read. Then, under load: this release's migrations are applied;
the previous one goes on; this one serves beside it; the previous one ends; and, as if something
were wrong with this one, it ends and the previous one serves the new tables. It prints how long the
migrations took and what was answered in each part, and exits with 1 where something was answered
that was no success and no 503, anything that was said to be saved is missing or has no event, or
the log does not verify.
"""

import argparse
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.faults.installation import ROOT, Installation, commands_of, say
from tests.faults.people import Journal, Place, account, at_work, total

PEOPLE = 4  # at each of the two releases
# A program of the previous release: makes people and contacts, and prints what clients need.
SETTLE = """
import json, os
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from django.conf import settings
from django.db import transaction
from django.test import Client
from tests.builders import make_contact, make_user
found = []
for number in range({people}):
    with transaction.atomic():
        contact = make_contact(given_name=f"Person {{number}}")
    browser = Client()
    browser.force_login(make_user("manager", name=f"Mia {{number}}"))
    name = settings.SESSION_COOKIE_NAME
    found.append([f"{{name}}={{browser.cookies[name].value}}", str(contact.pk)])
print(json.dumps(found))
"""


def main() -> int:
    """Run the trial; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--from", dest="revision", required=True, help="the previous release")
    parser.add_argument("--seconds", type=float, default=20, help="of each part")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    installation = Installation()
    try:
        problems = Upgrade(installation, arguments.revision).tell(arguments.seconds)
    finally:
        installation.close()
    for problem in problems:
        say(f"  WRONG: {problem}")
    return 1 if problems else 0


class Upgrade:
    """Two releases beside each other, on one database."""

    def __init__(self, installation: Installation, revision: str) -> None:
        """Take the previous release out of git."""
        self._in, self._old = installation, installation.var / "previous"
        self._old.mkdir()
        archive = subprocess.run(
            ["git", "archive", revision], cwd=ROOT, capture_output=True, check=True
        )
        subprocess.run(["tar", "x", "-C", self._old], input=archive.stdout, check=True)

    def tell(self, seconds: float) -> list[str]:
        """Go through all parts, print what each was like, and return what should not be."""
        self._manage(self._old, "migrate", "--no-input")
        for release in (self._old, ROOT):
            self._manage(release, "collectstatic", "--no-input")
        known = json.loads(self._python(self._old, "-c", SETTLE.format(people=2 * PEOPLE)))
        there, here = (
            Place(self._in.port, *map(list, zip(*known[part], strict=True)))
            for part in (slice(PEOPLE), slice(PEOPLE, None))
        )
        here.port = self._free_port()
        journals = self._both(there, here, seconds)
        import django

        django.setup()
        return account(journals)

    def _both(self, there: Place, here: Place, seconds: float) -> list[Journal]:
        before = self._start(self._old, there)
        with at_work(there) as old:
            time.sleep(seconds / 4)
            began = time.monotonic()
            self._manage(ROOT, "migrate", "--no-input")
            say(f"migrations took {time.monotonic() - began:.1f} s; {total(old)}")
            time.sleep(seconds)
            say(f"previous release on the new tables: {total(old)}")
            after = self._start(ROOT, here)
            with at_work(here) as new:
                time.sleep(seconds)
                say(f"beside it, this release: {total(new)}")
        self._stop(before)
        with at_work(here) as alone:
            time.sleep(seconds / 2)
        say(f"this release alone: {total(alone)}")
        self._stop(after)
        before = self._start(self._old, there)
        with at_work(there) as back:
            time.sleep(seconds)
        say(f"back at the previous release: {total(back)}")
        self._stop(before)
        return [*old, *new, *alone, *back]

    def _start(self, release: Path, place: Place) -> list[subprocess.Popen[bytes]]:
        names = ("web", "worker", "beat")
        found = {"PORT": str(place.port), "STATIC_ROOT": self._static(release)}
        commands = self._in.commands
        self._in.commands = commands_of(release)
        started = [self._in.start(name, cwd=release, **found) for name in names]
        self._in.commands = commands
        return started

    def _stop(self, processes: list[subprocess.Popen[bytes]]) -> None:
        for process in processes:
            self._in.stop(process)

    def _static(self, release: Path) -> str:
        return str(self._in.var / ("static" if release == ROOT else "static-previous"))

    def _manage(self, release: Path, *arguments: str) -> str:
        return self._python(release, "manage.py", *arguments)

    def _python(self, release: Path, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=release,
            env=self._in.environment | {"STATIC_ROOT": self._static(release)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _free_port(self) -> int:
        from config.run import free_port

        return free_port()


if __name__ == "__main__":
    sys.exit(main())
