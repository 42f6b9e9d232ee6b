"""`manage.py doctor`: what is wrong with this installation, and what to do about it."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from config import doctor


class Command(BaseCommand):
    """Exits with 0 where nothing is wrong, 1 where there are warnings, 2 where there are errors."""

    help = (
        "Look at settings, folders, database, Redis, worker and mail server, and say in plain "
        "words what is wrong and what to do. Changes and sends nothing."
    )
    requires_system_checks = ()  # they are among what it says

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how to answer."""
        parser.add_argument("--json", action="store_true", help="Answer with one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, and print what was found, the worst first."""
        found = doctor.findings()
        if options["json"]:
            told = [finding.as_json() for finding in found]
            self.stdout.write(json.dumps({"ok": not found, "findings": told}, indent=2))
        else:
            styles = {
                doctor.Level.ERROR: self.style.ERROR,
                doctor.Level.WARNING: self.style.WARNING,
            }
            for finding in found:
                level = finding.level.name.capitalize()
                self.stdout.write(styles[finding.level](f"{level}: {finding.text}"))
                self.stdout.write(f"  {finding.to_do}")
            if not found:
                self.stdout.write("Nothing is wrong.")
        sys.exit(max((finding.level for finding in found), default=0))
