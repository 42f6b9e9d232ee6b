"""`manage.py seed_demo`: fills an empty database with a believable year."""

import time
from argparse import ArgumentParser, ArgumentTypeError
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from activity.context import acting
from activity.demo.cast import Cast
from activity.demo.crowd import Crowd
from activity.demo.everyday import FOLLOWED
from activity.demo.filling import is_half_done
from activity.demo.hours import WorkingHours
from activity.demo.team import Team
from activity.demo.world import World
from contacts.models import Contact

CONTACTS, EVENTS = 43, 1_500
BATCH = 20_000  # events of one transaction, about
AT_ONCE = 50_000  # from how many events on several cores are quicker than one
OPENING = 6  # the hour (UTC) in which the demo begins, a year ago
YEAR = timedelta(days=364)


class Command(BaseCommand):
    """Makes the demo's users, contacts and events; the same ones for the same arguments."""

    help = "Fill an empty database with demo data: users, contacts and a year of events."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare how much is made, and the seed of chance."""
        parser.add_argument(
            "--contacts",
            metavar="N",
            type=_positive,
            default=CONTACTS,
            help="how many contacts (default: %(default)s); one more is made and deleted",
        )
        parser.add_argument(
            "--events",
            metavar="M",
            type=_positive,
            default=EVENTS,
            help="how many events (default: %(default)s), more where the contacts' own take more",
        )
        parser.add_argument(
            "--seed",
            metavar="S",
            type=int,
            default=1,
            help="another number makes other contacts and events (default: %(default)s)",
        )

    def handle(self, *, contacts: int, events: int, seed: int, **options: Any) -> None:
        """Make it all. Raises CommandError where the database is not empty."""
        if Contact.objects.exists() or get_user_model().objects.exists():
            if is_half_done():
                raise CommandError(
                    "A demo was interrupted here, and indexes are missing: begin again with a new "
                    "database (embedded: stop Annals and remove var/postgres)."
                )
            raise CommandError(
                "This database has users or contacts already; demo data is for an empty one."
            )
        began = time.monotonic()
        # What fits into one batch is there as a whole or not at all.
        with (
            acting(channel="command", route="seed_demo"),
            transaction.atomic() if max(contacts, events) <= BATCH else nullcontext(),
        ):
            written = self._make(contacts, events, seed)
        seconds = time.monotonic() - began
        if options["verbosity"]:
            self.stdout.write(f"{contacts:,} contacts, {written:,} events in {seconds:.1f} s.")

    def _make(self, contacts: int, events: int, seed: int) -> int:
        now = timezone.now()
        team = Team.assemble((now - YEAR).replace(hour=OPENING, minute=0, second=0, microsecond=0))
        cast = Cast(team, seed, now, contacts)
        hours = WorkingHours(cast.busy[0].came, now - FOLLOWED)
        crowd = Crowd(team, seed, contacts - cast.size, hours)
        made = len(team.people) + cast.ending.events
        left = max(0, events - made - cast.events - crowd.events)
        world = World(cast, crowd, left)
        at_once = events > AT_ONCE and not connection.in_atomic_block
        with TemporaryDirectory(prefix="annals-demo-") as folder:
            made += world.make(Path(folder), BATCH, at_once=at_once)
        cast.ending.happen()
        return made


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text} is not a whole number above 0")
    return int(text)
