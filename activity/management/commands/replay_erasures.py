"""`manage.py replay_erasures`: erases again whom a restored backup has brought back."""

import json
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from activity import erasure_notes

TOLD_EVERY = 100  # contacts


class Command(BaseCommand):
    """Exit codes: 0 = nobody is left who was erased, 1 = somebody is, 2 = it could not run."""

    help = (
        "After a restore: erase again the contacts that the backup brought back although they were "
        "erased since. Run it before anybody works with the restored data, as often as you like."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether to write, and how to answer."""
        parser.add_argument("--dry-run", action="store_true", help="Only tell how many are back.")
        parser.add_argument("--json", action="store_true", help="Answer with one JSON object.")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        """Compare, erase and say what came of it. Raises CommandError where somebody is left."""
        try:
            noted = erasure_notes.noted()
            back = list(erasure_notes.back(noted))
        except (OSError, ValueError, KeyError, DatabaseError) as error:
            raise CommandError(f"The erasures cannot be compared: {error}", returncode=2) from None
        left = back if dry_run else self._erase(back, noted)
        found = {"noted": len(noted), "back": len(back), "erased": len(back) - len(left)}
        if options["json"]:
            self.stdout.write(json.dumps({**found, "left": [str(each) for each in left]}))
        else:
            self.stdout.write("{noted} noted, {back} back, {erased} erased again".format(**found))
        if left:
            raise CommandError(f"Erased contacts that are in the database: {len(left)}.")

    def _erase(self, back: list[UUID], noted: dict[UUID, str]) -> list[UUID]:
        """Erase these contacts, each in a transaction of its own; return those that stayed."""
        left = []
        for number, contact_id in enumerate(back, start=1):
            try:
                erasure_notes.erase_again(contact_id, noted[contact_id])
            except (OSError, ValueError, KeyError, DatabaseError) as error:
                left.append(contact_id)
                self.stderr.write(f"{contact_id}: {error}")
            if number % TOLD_EVERY == 0 or number == len(back):
                self.stderr.write(f"{number} of {len(back)}")
        return left
