"""`manage.py verify_ledger`: looks whether the log is what was written, and names what is not."""

import json
import os
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from activity.ledger.verification.findings import Finding
from activity.ledger.verification.run import CannotVerify, Verification


class Command(BaseCommand):
    """Exits with 0 where all holds, 1 where something does not, 2 where it could not run."""

    help = (
        "Verify that the log is complete and unaltered. Each finding is a line. "
        "Exits with 0 where all holds, 1 where something does not, 2 where it could not look."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what is known from outside, and how to answer."""
        parser.add_argument("--json", action="store_true", help="Print the outcome as JSON.")
        parser.add_argument(
            "--since",
            type=Path,
            metavar="CHECKPOINT",
            help="A file with a checkpoint kept from earlier: the log must continue it, and only "
            "what was sealed after it is looked at event by event.",
        )
        parser.add_argument(
            "--anchor",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="A file with a checkpoint known from elsewhere, such as a mail. Can be repeated; "
            "those in the place for anchors are used by themselves.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Verify, print what is found, and note the outcome for the log's page."""
        began = time.monotonic()
        try:
            since = _note(options["since"]) if options["since"] else None
            given = [_note(path) for path in options["anchor"]]
            verification = Verification(
                since=since, given=given, progress=self._report, processes=os.cpu_count() or 1
            )
            self._print(verification, as_json=options["json"])
        except (CannotVerify, DatabaseError, OSError) as problem:
            raise CommandError(f"Could not verify: {problem}", returncode=2) from problem
        try:
            verification.keep()
        except DatabaseError as problem:
            self.stderr.write(f"The outcome could not be noted in the database: {problem}")
        seconds = time.monotonic() - began
        self.stderr.write(f"{verification.events:,} events in {seconds:.1f} s.")
        if verification.found:
            sys.exit(1)

    def _print(self, verification: Verification, *, as_json: bool) -> None:
        if as_json:
            self._print_json(verification)
            return
        for finding in verification.run():
            if finding.is_notice:
                self.stderr.write(f"Note: {finding.expected}")
            else:
                self.stdout.write(str(finding))
        if verification.found:
            findings = "finding" if verification.found == 1 else "findings"
            self.stdout.write(f"{verification.found:,} {findings}.")
        else:
            self.stdout.write(f"All holds, up to {verification.size:,} events sealed.")

    def _print_json(self, verification: Verification) -> None:
        """Print one object, whose findings appear as they come up: there may be millions."""
        notices: list[Finding] = []
        separator = ""
        self.stdout.write('{"findings": [', ending="")
        for finding in verification.run():
            if finding.is_notice:
                notices.append(finding)
            else:
                self.stdout.write(f"{separator}\n{json.dumps(finding.as_json())}", ending="")
                separator = ","
        rest = {
            "notices": [each.as_json() for each in notices],
            "ok": not verification.found,
            "found": verification.found,
            "events": verification.events,
            "epoch": verification.epoch,
            "size": verification.size,
        }
        self.stdout.write("],\n" + json.dumps(rest).removeprefix("{"))

    def _report(self, events: int, total: int) -> None:
        self.stderr.write(f"{events:,} of {total:,} events")


def _note(path: Path) -> tuple[str, str]:
    try:
        return str(path), path.read_text()
    except OSError as error:
        raise CannotVerify(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CannotVerify(f"{path} holds no checkpoint.") from error
