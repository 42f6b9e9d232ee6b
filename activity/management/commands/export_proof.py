"""`manage.py export_proof`: writes the proof of an event to hand over."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from activity.ledger.bundle import NoSuchSize, NotSealed, bundle, bundle_name
from activity.ledger.note import NoteError, parse_checkpoint
from activity.ledger.proof import ProofError
from activity.models import ActivityEvent


class Command(BaseCommand):
    """Ends with 1 where the log is not as it was sealed, with 2 where there is nothing to prove."""

    help = (
        "Write a zip file that proves an event to somebody who has nothing of Annals: what it "
        "says, its place in the log, the signed checkpoint, and a program that checks them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the event, and where the file goes."""
        parser.add_argument("event", help="the event's id, as its page and address have it")
        parser.add_argument(
            "--output",
            type=Path,
            metavar="FILE",
            help="the file to write, - for standard output; default: annals-proof-<id>.zip here",
        )
        parser.add_argument(
            "--since",
            action="append",
            default=[],
            metavar="CHECKPOINT",
            help="a file with an earlier checkpoint, or its size: the proof also shows that the "
            "log only grew since then; can be repeated",
        )
        parser.add_argument(
            "--json", action="store_true", help="say what was written as JSON, on standard output"
        )

    def handle(self, *, event: str, output: Path | None, since: list[str], **options: Any) -> None:
        """Write the file. Raises CommandError where there is no proof."""
        found = _found(event)
        output = output or Path(bundle_name(found))
        try:
            zipped = bundle(found, [_size(each) for each in since])
        except NotSealed:
            text = "This event is not sealed yet. Run seal_ledger, or try again in a minute."
            raise CommandError(text, returncode=2) from None
        except NoSuchSize as error:
            raise CommandError(str(error), returncode=2) from error
        except ProofError as error:
            text = f"{error} Run verify_ledger, which says what has changed."
            raise CommandError(text) from error
        self._write(found, output, zipped, as_json=options["json"])

    def _write(self, event: ActivityEvent, output: Path, zipped: bytes, *, as_json: bool) -> None:
        if str(output) == "-":
            sys.stdout.buffer.write(zipped)
            return
        try:
            output.write_bytes(zipped)
        except OSError as error:
            text = f"{output} cannot be written: {error.strerror}."
            raise CommandError(text, returncode=2) from error
        if as_json:
            told = {"event": str(event.uid), "file": str(output), "bytes": len(zipped)}
            self.stdout.write(json.dumps(told))
        else:
            self.stderr.write(f"{output}: the proof of {event}, {len(zipped)} bytes.")


def _found(event: str) -> ActivityEvent:
    """Return the event of that id, or of that number."""
    try:
        key = {"pk": event} if event.isdecimal() else {"uid": event}
        return ActivityEvent.objects.get(**key)
    except (ActivityEvent.DoesNotExist, ValidationError) as error:
        raise CommandError(f"There is no event {event!r}.", returncode=2) from error


def _size(checkpoint: str) -> int:
    """Return the size that a checkpoint names, given as a file or as that size."""
    if checkpoint.isdigit():
        return int(checkpoint)
    try:
        return parse_checkpoint(Path(checkpoint).read_text("utf-8")).size
    except OSError as error:
        text = f"{checkpoint} cannot be read: {error.strerror}."
        raise CommandError(text, returncode=2) from error
    except (NoteError, UnicodeDecodeError) as error:
        raise CommandError(f"{checkpoint} is no checkpoint: {error}", returncode=2) from error
