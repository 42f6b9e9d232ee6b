"""Writes the log to standard output, as the page's export does."""

import hashlib
import os
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from uuid_utils.compat import uuid7

from activity import asked
from activity.catalogue import CATALOGUE
from activity.context import acting
from activity.export.events import told
from activity.export.formats import FORMATS
from activity.export.records import batches, count, newest
from activity.log import LogFilters
from activity.models import Checkpoint
from activity.recording import Draft, write

PROGRESS_SECONDS = 5
BROKEN_PIPE = 141  # what shells report of a program that SIGPIPE has ended


class Command(BaseCommand):
    """Streams events, oldest first, in constant memory; what it says itself goes to stderr."""

    help = "Export the activity log to standard output, oldest entries first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the format, and what to narrow the log down to."""
        parser.add_argument("--format", choices=FORMATS, default="ndjson", help="default: ndjson")
        parser.add_argument(
            "--contact", type=UUID, metavar="ID", help="only what happened to this contact"
        )
        parser.add_argument(
            "--from", type=_day, dest="since", metavar="DATE", help="from this day on (UTC)"
        )
        parser.add_argument(
            "--to", type=_day, dest="until", metavar="DATE", help="up to and with this day (UTC)"
        )
        parser.add_argument(
            "--verb",
            action="append",
            default=[],
            metavar="KIND",
            help="only events of this kind, as contact.created; can be repeated",
        )
        parser.add_argument(
            "--origins",
            action="store_true",
            help="with the client address and browser that each event came from",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write all of it, and note in the log that it was exported, also where it broke off.

        Raises CommandError where there is no such kind of event, or the dates are the wrong way.
        """
        if options["since"] and options["until"] and options["since"] > options["until"]:
            raise CommandError("--from is after --to.")
        filters = LogFilters(
            kinds=frozenset(map(_verb, options["verb"])),
            contact=options["contact"],
            since=options["since"],
            until=options["until"],
            sees_private=True,
        )
        digest, done, is_whole = hashlib.sha256(), 0, False
        try:
            for piece, added in self._pieces(filters, options["format"], options["origins"]):
                self.stdout.buffer.write(piece)
                digest.update(piece)
                done += added
            self.stdout.buffer.flush()
            is_whole = True
        except BrokenPipeError:
            # What is still in its buffer would raise once more when Python ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stdout.fileno())
            sys.exit(BROKEN_PIPE)
        finally:
            payload = told(options["format"], filters, done, digest.hexdigest())
            with acting(channel="command", route="export_activity"):
                write([Draft("export.created", "export", uuid7(), None, payload)])
            state = "" if is_whole else ", broken off"
            self.stderr.write(f"{done:,} events{state}. SHA-256 {digest.hexdigest()}")

    def _pieces(
        self, filters: LogFilters, name: str, with_client: bool
    ) -> Iterator[tuple[bytes, int]]:
        """Yield the file piece by piece, each with how many events it adds."""
        upto = newest()
        total = count(filters, upto)
        writer, done, said = FORMATS[name](with_client), 0, time.monotonic()
        yield writer.head(), 0
        for records in batches(filters, upto=upto, with_client=with_client):
            yield writer.lines(records), len(records)
            done += len(records)
            if time.monotonic() - said > PROGRESS_SECONDS:
                self.stderr.write(f"{done:,} of {total:,} events")
                said = time.monotonic()
        checkpoint = Checkpoint.objects.order_by("-epoch", "-size").first()
        note = checkpoint.note if checkpoint else ""
        yield writer.tail(note, done), 0
        if note:
            self.stderr.write(f"Checkpoint of the log:\n{note}")


def _day(text: str) -> date:
    day = asked.day(text)
    if day is None:
        raise ArgumentTypeError(f"{text} is no day such as 2026-05-31")
    return day


def _verb(text: str) -> str:
    if text not in CATALOGUE:
        raise CommandError(f"There is no kind of event called {text}. All: {', '.join(CATALOGUE)}")
    return text
