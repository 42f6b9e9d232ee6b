"""`manage.py seed_demo`: fills an empty database with a believable year."""

import heapq
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from activity.context import acting
from activity.demo.batch import Batch, Step
from activity.demo.cast import Cast
from activity.demo.crowd import Crowd
from activity.demo.everyday import FOLLOWED, Everyday
from activity.demo.hours import working_moments
from activity.demo.identity import chance
from activity.demo.team import Team
from contacts.models import Contact

CONTACTS, EVENTS = 40, 1_500
BATCH = 5_000  # steps of one transaction
YEAR = timedelta(days=364)
PARTING = 2  # events of the contact that is deleted: contact.deleted and privacy.erased


class Command(BaseCommand):
    """Makes the demo's users, contacts and events; the same ones for the same arguments."""

    help = "Fill an empty database with demo data: users, contacts and a year of events."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare how much is made, and the seed of chance."""
        parser.add_argument(
            "--contacts",
            type=_positive,
            default=CONTACTS,
            help="how many contacts (default: %(default)s); one more is made and deleted",
        )
        parser.add_argument(
            "--events",
            type=_positive,
            default=EVENTS,
            help="how many events (default: %(default)s), more where the contacts' own take more",
        )
        parser.add_argument(
            "--seed",
            type=int,
            default=1,
            help="another number makes other contacts and events (default: %(default)s)",
        )

    def handle(self, *, contacts: int, events: int, seed: int, **options: Any) -> None:
        """Make it all. Raises CommandError where the database is not empty."""
        if Contact.objects.exists() or get_user_model().objects.exists():
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
        team = Team.assemble(now - YEAR)
        cast = Cast(team, seed, now, contacts)
        crowd = Crowd(team, seed, contacts - cast.size, now - YEAR, now)

        def choose(at: datetime, part: float) -> tuple[UUID, bool]:
            busy = cast.busy(at)
            number = int(part * (len(busy) + crowd.here))
            if number < len(busy):
                return busy[number][1], False
            return crowd.id(number - len(busy)), True

        made = len(team.people) + PARTING
        left = max(0, events - made - sum(step.events for step in cast.steps) - crowd.events)
        first = cast.busy(now)[0][0]
        moments = working_moments(chance(seed, "moments"), first, now - FOLLOWED, left)
        everyday = Everyday(team, seed, choose)
        steps = heapq.merge(
            cast.steps, crowd.arrivals(), everyday.steps(moments), key=lambda step: step.at
        )
        written = made
        for number, batch in enumerate(_batches(steps), start=1):
            written += Batch(batch).write()
            if number.bit_count() == 1:  # the first, second, fourth, eighth ... batch
                self._plan_anew()
        cast.part()
        return written

    def _plan_anew(self) -> None:
        """Have PostgreSQL look at its tables, as its plans for the last ones no longer fit."""
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _batches(steps: Iterator[Step]) -> Iterator[list[Step]]:
    while batch := list(islice(steps, BATCH)):
        yield batch


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text} is not a whole number above 0")
    return int(text)
