"""`manage.py rotate_ledger_key`: lets a new key sign the log."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from activity.context import acting
from activity.ledger import keys, rotation
from activity.ledger.refusal import CannotSeal, Refused


class Command(BaseCommand):
    """Exits with 0 once the new key signs, 1 where the sealer refuses, 2 where it could not run.

    Where ANNALS_LEDGER_KEY names a file, the new seed takes its place. Where it is the seed itself,
    nothing here can change the environment of other processes: the new seed is written to the file
    of `--new-key`, or printed, before it is put in force.
    """

    help = "Replace the key that signs the log; the old one vouches for the new one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take where the new key is."""
        parser.add_argument(
            "--new-key",
            type=Path,
            metavar="FILE",
            help="A file with the new seed; made where it is missing. Without it, the file that "
            "ANNALS_LEDGER_KEY names gets the new seed; where it is no file, the seed is printed.",
        )
        parser.add_argument("--json", action="store_true", help="Print the new key as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Log the new key under the old one, then put it in force."""
        try:
            with acting(channel="command", route="rotate_ledger_key"):
                self._rotate(options["new_key"], as_json=options["json"])
        except Refused as refused:
            for finding in refused.findings:
                self.stderr.write(f"{finding['kind']}: expected {finding['expected']}")
            sys.exit(1)
        except CannotSeal as problem:
            raise CommandError(str(problem), returncode=2) from problem

    def _rotate(self, chosen: Path | None, *, as_json: bool) -> None:
        in_force = keys.key_file()
        # Kept before it is logged: a key that is in force and lost would be the end of this log.
        new_file = chosen or (in_force and in_force.with_name(f"{in_force.name}.next"))
        if new_file:
            if not new_file.exists():
                keys.store(new_file, keys.new_seed())
            seed = keys.read(new_file)
        else:
            seed = keys.new_seed()
            self.stderr.write("The new value of ANNALS_LEDGER_KEY, not in force yet:")
            value = keys.written(seed)
            self.stdout.write(json.dumps({"seed": value}) if as_json else value)
            self.stdout.flush()
        key = rotation.rotate(seed)
        if in_force and not chosen:
            keys.store(in_force, seed)
            new_file.unlink()
            self.stderr.write(f"The new key is in force, in {in_force}.")
        else:
            where = f"names {new_file}" if new_file else "is the value above"
            self.stderr.write(
                f"The new key is in force. Until ANNALS_LEDGER_KEY {where} and the worker is "
                "restarted, events are kept, but not sealed. Destroy the old key then."
            )
        if as_json:
            self.stdout.write(json.dumps({"vkey": key.vkey, "from_size": key.from_size}))
