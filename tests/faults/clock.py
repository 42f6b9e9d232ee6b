"""Lets the clock of a whole installation jump back and forth under load.

    .venv/bin/python -m tests.faults.clock --seconds 15

PostgreSQL, Redis, web and worker run on a clock of their own (libfaketime, Debian's package
`faketime`; beat keeps the true time), while people write, archive, restore and read, and a message
is queued each second. The clock jumps by each of `JUMPS` and stays there for `--seconds`. For each
it prints how many changes were saved, and how long mails took to leave; and exits with 1 where
something was answered that was no success, anything that was said to be saved is missing, events
are not in the order in which people were answered, a mail is lost or was sent twice, or the log
does not verify. Exits with 2 where libfaketime is missing: what a jump leaves in the rows is tried
all the same by tests/faults/test_clock.py.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.installation import Installation, say, wait_until
from tests.faults.people import Journal, account, at_work, total
from tests.faults.redis_away import Mails

JUMPS = ("+0h", "-3h", "+3h", "+0h", "-25h", "+2h", "-1h", "+0h")  # from the true time
PATIENCE = 90.0  # seconds for mails to leave, wherever the clock stands


def main() -> int:
    """Run all jumps; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=30)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        say("No clock can be set here: install libfaketime (Debian: apt install faketime).")
        return 2
    with tempfile.TemporaryDirectory(prefix="annals-c-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL reads it as another user
        clock = Path(folder) / "offset"
        clock.write_text("+0h")
        # For what is started from now on: this process keeps the true time.
        os.environ |= {
            "LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(clock),
            "FAKETIME_CACHE_DURATION": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }  # fmt: skip
        installation = Installation()
        try:
            installation.set_up()
            for name in ("web", "worker"):
                installation.start(name)
            # Under libfaketime it cannot sleep: the system refuses what its pauses become.
            installation.start("beat", LD_PRELOAD="")
            wait_until(lambda: installation.status("/readyz") == 200, PATIENCE)
            problems = trial(installation, clock, arguments.seconds)
        finally:
            installation.close()
    for problem in problems:
        say(f"  WRONG: {problem}")
    return 1 if problems else 0


def trial(installation: Installation, clock: Path, seconds: float) -> list[str]:
    """Let the clock jump under load; return what should not be."""
    problems = []
    with Mails(installation) as mails, at_work(installation) as journals:
        for jump in JUMPS:
            before = sum(len(journal.saved) for journal in journals)
            clock.write_text(jump)
            time.sleep(seconds)
            queued = mails.queued
            began = time.monotonic()
            left = wait_until(lambda queued=queued: left_so_far() >= queued, PATIENCE)
            took = time.monotonic() - began
            saved = sum(len(journal.saved) for journal in journals) - before
            say(f"clock at {jump}: {saved} changes saved, mails left after {took:.0f} s")
            problems += [] if left and saved else [f"at {jump}: not all went on"]
    mails.stop()
    wait_until(mails.have_all_left, PATIENCE)
    say(total(journals))
    return problems + account(journals) + mails.problems() + out_of_order(journals)


def left_so_far() -> int:
    """Return how many mails have left."""
    from contacts.models import Delivery

    return Delivery.objects.filter(state="sent").count()


def out_of_order(journals: list[Journal]) -> list[str]:
    """Return whose comments the log tells of in another order than that of the answers."""
    from activity.models import ActivityEvent
    from contacts.models import Comment

    bodies = dict(Comment.objects.values_list("pk", "body"))
    told = ActivityEvent.objects.filter(verb="comment.added").order_by("id")
    order = {
        bodies.get(pk): place for place, pk in enumerate(told.values_list("object_id", flat=True))
    }
    return [
        f"comments of person {number} are out of order"
        for number, journal in enumerate(journals)
        if (places := [order[mark] for mark in journal.saved if mark in order]) != sorted(places)
    ]


if __name__ == "__main__":
    sys.exit(main())
