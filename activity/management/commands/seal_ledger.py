"""`manage.py seal_ledger`: seals what waits, and confirms that a backup was restored."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from activity.context import acting
from activity.ledger import epochs
from activity.ledger.refusal import CannotSeal, Refused
from activity.ledger.sealing import seal_pending
from activity.models import Checkpoint


class Command(BaseCommand):
    """Exits with 0 where everything is sealed, 1 where it refuses, 2 where it could not run."""

    help = "Seal all events that wait for it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how to answer, and what a person confirms."""
        parser.add_argument("--json", action="store_true", help="Print the outcome as JSON.")
        parser.add_argument(
            "--new-epoch",
            action="store_true",
            help="Confirm that a backup was restored: what was lost stays lost, and a new log "
            "begins that names the last checkpoint of the one before.",
        )
        parser.add_argument(
            "--checkpoint",
            type=Path,
            metavar="FILE",
            help="With --new-epoch: the newest checkpoint you have from elsewhere, such as a mail.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Seal, then print the newest checkpoint."""
        if options["checkpoint"] and not options["new_epoch"]:
            raise CommandError("--checkpoint belongs to --new-epoch.", returncode=2)
        try:
            with acting(channel="command", route="seal_ledger"):
                if options["new_epoch"]:
                    epoch = epochs.begin_anew(_note(options["checkpoint"]))
                    self.stderr.write(f"The log goes on as {epoch.origin}.")
                sealed = seal_pending(wait=True, progress=self._report)
        except Refused as refused:
            self._finish(options, ok=False, sealed=0, findings=refused.findings)
            sys.exit(1)
        except (CannotSeal, OSError) as problem:
            raise CommandError(str(problem), returncode=2) from problem
        self._finish(options, ok=True, sealed=sealed, findings=[])

    def _report(self, sealed: int, size: int) -> None:
        self.stderr.write(f"{sealed:,} sealed, {size:,} in all")

    def _finish(self, options: dict[str, Any], **outcome: Any) -> None:
        head = Checkpoint.objects.order_by("-epoch", "-size").first()
        if options["json"]:
            outcome |= {"epoch": head and head.epoch, "size": head and head.size}
            outcome |= {"root": head and bytes(head.root).hex(), "checkpoint": head and head.note}
            self.stdout.write(json.dumps(outcome))
        elif outcome["ok"]:
            self.stdout.write(head.note if head else "Nothing has happened yet.")
        for finding in outcome["findings"]:
            event = f" {finding['event']}" if finding["event"] else ""
            self.stderr.write(f"{finding['kind']}{event}: expected {finding['expected']}")


def _note(file: Path | None) -> str:
    try:
        return file.read_text() if file else ""
    except OSError as error:
        raise CannotSeal(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CannotSeal(f"{file} holds no checkpoint.") from error
