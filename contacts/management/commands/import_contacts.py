"""Imports contacts from a file, as the page does."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError

from contacts.forms.importing import SourceField
from contacts.importing.columns import EXTERNAL_ID, TARGETS, recognised
from contacts.importing.text import UnreadableFile
from contacts.models import ImportRun


class Command(BaseCommand):
    """Prints what was created, updated, skipped and failed, with the line of each row left out.

    How far it is goes to standard error. Ctrl-C ends the import, and what is in stays in. One whose
    process was killed is taken up by a worker after a minute, or by `--resume`.
    """

    help = "Import contacts from a CSV or vCard file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file, and how to import it."""
        parser.add_argument("file", type=Path, metavar="FILE", nargs="?")
        parser.add_argument(
            "--dry-run", action="store_true", help="Tell what would happen, keep nothing."
        )
        parser.add_argument(
            "--mapping",
            type=Path,
            metavar="FILE",
            help="JSON: {column: target}; the rest is recognised. Targets: " + ", ".join(TARGETS),
        )
        parser.add_argument(
            "--source",
            default="",
            help="Where the file comes from. Its columns go where those of its last file went.",
        )
        parser.add_argument(
            "--existing",
            choices=ImportRun.Existing.values,
            default=ImportRun.Existing.SKIP,
            help="What happens with contacts that are here already, by email or external id: "
            "skip (the default), fill what is empty, or overwrite with what the file says.",
        )
        parser.add_argument("--resume", metavar="ID", help="Go on with an import that broke off.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import the file. Raises CommandError where it cannot be read."""
        if options["resume"]:
            self._import(self._broken_off(options["resume"]))
            return
        if options["file"] is None:
            raise CommandError("Name a file, or an import to go on with by --resume.")
        source = self._source(options["source"])
        run = self._received(options["file"], source)
        try:
            targets = self._targets(run, options["mapping"], source)
            if EXTERNAL_ID in targets and not source:
                raise CommandError("Name the source of the external ids by --source.")
            run.start(
                targets,
                source=source,
                existing=options["existing"],
                dry_run=options["dry_run"],
                by_worker=False,
            )
            self._import(run)
        finally:
            # Still open after a dry run, and where the mapping was refused.
            for each in ImportRun.objects.filter(pk=run.pk):
                if each.is_open:
                    each.discard()

    def _received(self, path: Path, source: str) -> ImportRun:
        try:
            with path.open("rb") as file:
                return ImportRun.receive(File(file, name=path.name), None, source=source)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
        except UnreadableFile as error:
            raise CommandError(f"{path}: {error}") from None

    def _broken_off(self, pk: str) -> ImportRun:
        try:
            return ImportRun.objects.active().get(pk=pk)
        except (ImportRun.DoesNotExist, ValidationError):
            raise CommandError(f"There is no import {pk} that broke off.") from None

    def _source(self, typed: str) -> str:
        try:
            return SourceField().clean(typed)
        except ValidationError as error:
            raise CommandError(f"--source: {' '.join(error.messages)}") from None

    def _targets(self, run: ImportRun, path: Path | None, source: str) -> list[str]:
        try:
            chosen = json.loads(path.read_text("utf-8")) if path else {}
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
        except ValueError as error:
            raise CommandError(f"{path} holds no JSON: {error}") from None
        if not isinstance(chosen, dict):
            raise CommandError(f'{path}: expected an object like {{"Column": "target"}}.')
        for column, target in chosen.items():
            if column not in run.columns:
                raise CommandError(f"{path}: the file has no column “{column}”.")
            if target and not (isinstance(target, str) and target in TARGETS):
                raise CommandError(f"{path}: “{target}” is none of {', '.join(TARGETS)}.")
        # What others chose on the page counts only where the source is named.
        proposed = run.targets if source else recognised(run.columns)
        return [chosen.get(c, t) for c, t in zip(run.columns, proposed, strict=True)]

    def _import(self, run: ImportRun) -> None:
        self.stderr.write(f"import {run.pk}: {run.total} rows")
        try:
            run.run(progress=self._tell)
        except KeyboardInterrupt:
            run.stop()
        for failure in run.failures.iterator():
            word = "skipped" if failure.skipped else "failed"
            value = f" ({failure.value})" if failure.value else ""
            self.stdout.write(f"line {failure.line}: {word}: {failure.reason}{value}")
        self.stdout.write(
            f"created {run.created}, updated {run.updated}, skipped {run.skipped}, "
            f"failed {run.failed}"
        )
        if run.state != ImportRun.State.FINISHED:
            raise CommandError(run.problem or f"The import is {run.get_state_display().lower()}.")

    def _tell(self, run: ImportRun) -> None:
        left = run.seconds_left
        about = f", about {left} s left" if left else ""
        self.stderr.write(f"{run.done} of {run.total} rows{about}")
