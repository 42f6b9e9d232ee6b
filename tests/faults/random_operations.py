"""Does 10,000 random things to Annals at once, and looks whether the log tells of all, and no more.

    .venv/bin/python -m tests.faults.random_operations --operations 10000 --threads 6 --seed 1

Pages, Django admin, model calls, bulk calls and attacks by raw SQL run in threads on a PostgreSQL
of their own in a temporary folder. Some are rolled back as a whole, some to a savepoint. Each
writes a mark of its own wherever it can. Triggers that know nothing of events note which rows
really changed (tests/faults/witness.py). Afterwards: is there an event for each change, a change
for each event, a version for each state a row went through; does nothing hold the mark of what was
rolled back or refused, and an event the mark of everything else? Then the log is sealed and
verified. Prints what it counted, and exits with 1 where anything differs. It takes some ten
minutes.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any


class Record:
    """What became of each operation, by its mark."""

    def __init__(self) -> None:
        self.made: dict[str, Any] = {}
        self.undone: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []


def operate(scene: Any, record: Record) -> None:
    """Do one random thing: plainly, to be rolled back, or after something that was."""
    from django.db import transaction

    from tests.faults.attacks import ATTACKS
    from tests.faults.calls import CALLS
    from tests.faults.pages import PAGES
    from tests.faults.scene import Undo

    chance = scene.chance.random()
    sort, choices = (
        ("attack", ATTACKS)
        if chance < 0.2
        else ("page", PAGES)
        if chance < 0.55
        else ("call", CALLS)
    )
    deed, way = pick(scene, choices), scene.chance.random()
    if sort == "attack" or way < 0.75:
        attempt(scene, record, sort, deed)
    elif way < 0.88:

        def undo(scene: Any, mark: str) -> None:
            with transaction.atomic():
                deed(scene, mark)
                raise Undo

        attempt(scene, record, f"{sort}, rolled back", undo)
    else:
        other = pick(scene, CALLS)

        def undo_part(scene: Any, mark: str) -> Any:
            def undo(scene: Any, mark: str) -> None:
                with transaction.atomic():
                    other(scene, mark)
                    raise Undo

            with transaction.atomic():
                attempt(scene, record, "call, rolled back to a savepoint", undo)
                return deed(scene, mark)

        attempt(scene, record, f"{sort}, after a savepoint", undo_part)


def pick(scene: Any, choices: dict[Any, int]) -> Any:
    """Return one of them, by weight."""
    return scene.chance.choices(list(choices), list(choices.values()))[0]


def attempt(scene: Any, record: Record, sort: str, deed: Callable[[Any, str], Any]) -> None:
    """Do it, and note what became of it."""
    from django.core.exceptions import ObjectDoesNotExist, ValidationError
    from django.core.management import CommandError
    from django.db import Error, models
    from django.http import Http404

    from contacts.models import Blocked, ContactGone, StaleRow, TooMany
    from tests.faults.attacks import Unrefused
    from tests.faults.scene import FORGOTTEN, Broken, Undo

    mark = scene.mark()
    refusals = (Undo, StaleRow, Blocked, TooMany, ContactGone, Http404, ObjectDoesNotExist)
    refusals += (ValidationError, CommandError, Error, IndexError, models.ProtectedError)
    try:
        whose = deed(scene, mark)
    except Unrefused as problem:
        record.problems.append(f"{sort} {mark} was not refused: {problem}")
    except Broken as problem:
        record.undone.add(mark)
        record.problems.append(f"{sort} {mark} was answered with 500: {problem}")
    except refusals as refusal:
        record.undone.add(mark)
        record.counts[f"{sort}: {type(refusal).__name__}"] += 1
    else:
        if whose == FORGOTTEN:
            record.undone.add(mark)
        elif whose:
            record.made[mark] = whose
        record.counts[f"{sort}: done"] += 1


def run(operations: int, threads: int, seed: int) -> Record:
    """Do so many things in so many threads; return what became of them, and what is wrong."""
    from django.db import connection
    from django.test import override_settings

    from tests.faults import witness
    from tests.faults.scene import Scene, World, in_threads

    record = Record()
    witness.install()
    try:
        with override_settings(INVITATIONS_PER_HOUR=10**6, INVITATIONS_PER_ADDRESS_A_DAY=10**6):
            world = World(contacts=60)

            def work(number: int) -> None:
                try:
                    scene = Scene(world, seed, number)
                    for _ in range(operations // threads):
                        operate(scene, record)
                finally:
                    connection.close()

            in_threads(threads, work)
        record.problems += [*witness.problems(), *differences(record)]
    finally:
        witness.remove()
    return record


def differences(record: Record) -> Iterator[str]:
    """Yield what differs between what was done and what the log tells."""
    from tests.faults import witness

    yield from witness.leftovers(record.undone)
    yield from witness.missing(record.made)


def main() -> int:
    """Do it all in a database of its own; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--operations", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
    with tempfile.TemporaryDirectory(prefix="annals-chaos-", dir="/tmp") as folder:
        os.environ |= {"ANNALS_VAR": folder, "DJANGO_SETTINGS_MODULE": "config.settings"}
        os.environ.setdefault("LOG_LEVEL", "CRITICAL")  # every other page answers with a refusal
        for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL"):
            os.environ.pop(name, None)
        # Only now: what is imported reads the environment.
        from config import embedded

        embedded.start(durable=False)
        try:
            set_up()
            start = time.monotonic()
            record = run(**vars(arguments))
            report(record, time.monotonic() - start)
            verified = verify()
        finally:
            embedded.stop()
    return 1 if record.problems or not verified else 0


def set_up() -> None:
    """Make the tables."""
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    django.setup()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    setup_test_environment()
    from config.prepare import collect_static

    collect_static()
    call_command("migrate", interactive=False, verbosity=0)


def report(record: Record, seconds: float) -> None:
    """Print what was done and what is wrong."""
    from activity.models import ActivityEvent

    say(f"{record.counts.total():,} operations in {seconds:.0f} s:")
    for outcome, count in sorted(record.counts.items()):
        say(f"  {count:6,} {outcome}")
    say(f"{ActivityEvent.objects.count():,} events; {len(record.made):,} marks looked for,")
    say(f"{len(record.undone):,} that must be nowhere. Differences: {len(record.problems)}")
    for problem in record.problems[:50]:
        say(f"  WRONG: {problem}")


def verify() -> bool:
    """Seal the log and verify it; tell whether all holds."""
    from django.core.management import call_command

    call_command("seal_ledger", stdout=sys.stderr)
    try:
        call_command("verify_ledger")
    except SystemExit as left:
        return not left.code
    return True


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
