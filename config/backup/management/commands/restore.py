"""`manage.py restore`: a backup back into an empty database."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from activity.context import acting
from config.backup.problem import Problem
from config.backup.restoring import Restore


class Command(BaseCommand):
    """Exits with 0 where all is as it was, 1 where something is left to do, 2 where it failed."""

    help = (
        "Restore a backup into an empty database, as its owner: check the archive, fill the "
        "database, bring it up to date, erase again whom it brought back, verify the log. After an "
        "interruption, run it again."
    )
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to restore, and what is known of it."""
        parser.add_argument("file", type=Path, help="The file that manage.py backup has written.")
        parser.add_argument(
            "--keys", type=Path, metavar="FILE", help="The keys that were written with --keys."
        )
        parser.add_argument(
            "--moved",
            action="store_true",
            help="The installation it is of was stopped before, and did nothing since: mails that "
            "wait may leave. Without it they wait for a person, as they may have left already.",
        )

    def handle(self, *, file: Path, moved: bool, **options: Any) -> None:
        """Restore it, and say what came of it."""
        try:
            with acting(channel="command", route="restore"):
                restore = Restore(file, self.stderr.write)
                outcome = restore.run(options["keys"], moved=moved)
        except (Problem, OSError, DatabaseError) as problem:
            raise CommandError(f"It is not restored: {problem}", returncode=2) from problem
        for line in outcome.told:
            self.stdout.write(line)
        for line in outcome.to_do:
            self.stdout.write(f"To do: {line}")
        self.stdout.write(
            "Next: manage.py create_app_role --apply where Annals runs as a role of its own, then "
            "start web, worker and beat."
        )
        if outcome.to_do:
            sys.exit(1)
