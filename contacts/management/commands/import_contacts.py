"""Imports contacts from a file, as the page does."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from contacts.importing.columns import TARGETS
from contacts.importing.text import UnreadableFile
from contacts.models import ImportRun


class Command(BaseCommand):
    """Prints what was created, updated, skipped and failed, with the line of each row left out."""

    help = "Import contacts from a CSV or vCard file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and how to import it."""
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--dry-run", action="store_true", help="Tell what would happen, keep nothing."
        )
        parser.add_argument(
            "--mapping",
            type=Path,
            metavar="FILE",
            help="JSON: {column: target}; the rest is recognised. Targets: " + ", ".join(TARGETS),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the file. Raises CommandError where it cannot be read."""
        run = self._received(options["file"])
        try:
            with transaction.atomic():
                run.start(self._targets(run, options["mapping"]), by_worker=False)
                if options["dry_run"]:
                    self._import(run)
                    transaction.set_rollback(True)
            if not options["dry_run"]:
                self._import(run)
        finally:
            # Still a draft after a dry run, and where the mapping was refused.
            for draft in ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.DRAFT):
                draft.discard()

    def _received(self, path: Path) -> ImportRun:
        try:
            with path.open("rb") as file:
                return ImportRun.receive(File(file, name=path.name), by=None)
        except (OSError, UnreadableFile) as error:
            raise CommandError(f"{path}: {error}") from None

    def _targets(self, run: ImportRun, path: Path | None) -> list[str]:
        try:
            chosen = json.loads(path.read_text()) if path else {}
        except (OSError, ValueError) as error:
            raise CommandError(f"{path}: {error}") from None
        if not isinstance(chosen, dict):
            raise CommandError(f'{path}: expected an object like {{"Column": "target"}}.')
        for column, target in chosen.items():
            if column not in run.columns:
                raise CommandError(f"{path}: the file has no column “{column}”.")
            if target and target not in TARGETS:
                raise CommandError(f"{path}: “{target}” is none of {', '.join(TARGETS)}.")
        return [chosen.get(c, t) for c, t in zip(run.columns, run.targets, strict=True)]

    def _import(self, run: ImportRun) -> None:
        run.run()
        for failure in run.failures.iterator():
            word = "skipped" if failure.skipped else "failed"
            value = f" ({failure.value})" if failure.value else ""
            self.stdout.write(f"line {failure.line}: {word}: {failure.reason}{value}")
        if run.state != ImportRun.State.FINISHED:
            raise CommandError(run.problem or f"The import is {run.get_state_display().lower()}.")
        # An import only adds so far, which scripts that read this line may rely on.
        self.stdout.write(
            f"created {run.created}, updated 0, skipped {run.skipped}, failed {run.failed}"
        )
