"""`manage.py backup`: all of the installation in one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from config.backup import keys
from config.backup.problem import Problem
from config.backup.saving import save


class Command(BaseCommand):
    """Exits with 0 where the backup is whole, 1 where the file of keys lacks one, 2 where not."""

    help = (
        "Write database and uploads of one moment into one file, while Annals goes on. Run it as "
        "the owner of the tables. Keys are not in it: write them once, with --keys."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where to write."""
        parser.add_argument("file", type=Path, help="The file to write, such as annals.tar.")
        parser.add_argument(
            "--keys",
            type=Path,
            metavar="FILE",
            help="Also write SECRET_KEY and the log’s key to a file, to be kept elsewhere: who "
            "holds both files holds everything.",
        )
        parser.add_argument("--force", action="store_true", help="Replace files that are there.")

    def handle(self, *, file: Path, force: bool, **options: Any) -> None:
        """Write it, and say what it holds."""
        try:
            lacks = keys.save(options["keys"], force=force) if options["keys"] else []
            saved = save(file, self.stderr.write, force=force)
        except (Problem, OSError, DatabaseError) as problem:
            raise CommandError(f"There is no backup: {problem}", returncode=2) from problem
        counts = saved.manifest.counts
        self.stdout.write(
            f"{file}: {saved.size / 1e6:,.1f} MB, {counts['contacts']:,} contacts, "
            f"{counts['events']:,} events, {counts['files']:,} files."
        )
        if saved.manifest.missing:
            self.stderr.write(
                f"{saved.manifest.missing:,} files that the database names are not in the storage."
            )
        if lacks:
            raise CommandError(" ".join(lacks), returncode=1)
