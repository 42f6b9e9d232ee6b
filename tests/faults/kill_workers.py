"""Kills workers while they send, takes the queue away, and counts what became of each mail.

    .venv/bin/python -m tests.faults.kill_workers --mails 500 --kills 50 --outage 120

First, `--mails` mails leave through real workers (`Procfile`) and a real, slow SMTP server, while
at `--kills` random moments one of two workers is killed (SIGKILL) and another one started. Then
Redis is stopped for `--outage` seconds while `--outage-mails` mails are queued, and started empty.
Beat's sweep does the rest. It uses a database and a Redis of its own in a temporary folder, prints
what it counted, and exits with 1 where a mail was lost, sent twice, or never came to an end. It
takes about six minutes, and a minute more than the outage.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.faults.outbox import Processes, SlowServer

ALIVE = 2  # workers at a time
PATIENCE_SECONDS = 300  # for what was left behind to be found and sent


def main() -> int:
    """Run both trials; return the exit code."""
    arguments = read_arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
    with tempfile.TemporaryDirectory(prefix="annals-chaos-", dir="/tmp") as folder:
        os.environ |= {"ANNALS_VAR": folder, "DJANGO_SETTINGS_MODULE": "config.settings"}
        for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL"):
            os.environ.pop(name, None)
        # Only now: what is imported reads the environment.
        from config import embedded
        from tests.faults.outbox import Processes, SlowServer

        assert Path(folder) == embedded.VAR
        embedded.start(durable=False)
        server = SlowServer(arguments.delay)
        server.start()
        processes = Processes(
            {"EMAIL_URL": f"smtp://127.0.0.1:{server.port}"}, Path(folder) / "processes.log"
        )
        try:
            set_up()
            processes.start("beat")
            problems = [*kill(server, processes, arguments), *take_away(server, arguments)]
        finally:
            processes.kill_all()
            server.stop()
            embedded.stop()
    return 1 if problems else 0


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--mails", type=int, default=500)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--outage", type=float, default=120, help="seconds without Redis")
    parser.add_argument("--outage-mails", type=int, default=100)
    parser.add_argument("--delay", type=float, default=0.4, help="of the server, at most, seconds")
    return parser.parse_args()


def set_up() -> None:
    """Make the tables, and somebody who writes."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    from tests.builders import make_user

    make_user(name="Mia")


def queue(number: int) -> float:
    """Queue a message to a contact of its own, and return how long that took in seconds."""
    from django.db import transaction

    from accounts.models import User
    from contacts.models import Message
    from tests.builders import make_contact

    address = f"person{number}@calder.example"
    author = User.objects.get(name="Mia")
    start = time.monotonic()
    with transaction.atomic():
        contact = make_contact(given_name=f"Person {number}", emails=[address])
        Message.send(
            contact, author=author, address=address, body=f"No. {number}", grace=timedelta(0)
        )
    return time.monotonic() - start


def kill(server: "SlowServer", processes: "Processes", arguments: argparse.Namespace) -> list[str]:
    """Kill workers while they send; return what should not be."""
    from tests.faults.outbox import Count

    start = time.monotonic()
    for number in range(arguments.mails):
        queue(number)
    workers = [processes.start("worker") for _ in range(ALIVE)]
    kills = 0
    while kills < arguments.kills and Count.of(server).unended:
        seen = server.taken.total()
        wait_until(lambda seen=seen: server.taken.total() > seen, seconds=90)
        time.sleep(server.random.uniform(0, arguments.delay))
        processes.kill(workers.pop(0))
        kills += 1
        workers.append(processes.start("worker"))
    wait_until(lambda: not Count.of(server).unended, PATIENCE_SECONDS)
    return report(f"{kills} workers killed", server, start)


def take_away(server: "SlowServer", arguments: argparse.Namespace) -> list[str]:
    """Stop Redis while mails are queued, start it empty; return what should not be."""
    from config.embedded import redis
    from contacts.models import Contact
    from tests.faults.outbox import Count

    start = time.monotonic()
    for contact in Contact.objects.all():  # and with each its mails
        contact.delete()
    server.taken.clear()
    redis.stop()
    (redis.DATA / "dump.rdb").unlink(missing_ok=True)
    slowest = 0.0
    for number in range(arguments.outage_mails):
        slowest = max(slowest, queue(number))
        time.sleep(arguments.outage / arguments.outage_mails)
    redis.start()
    back = time.monotonic()
    wait_until(lambda: not Count.of(server).unended, PATIENCE_SECONDS)
    say(f"Queueing took {slowest:.2f} s at most; all left {time.monotonic() - back:.0f} s after.")
    return report(f"Redis away for {arguments.outage:.0f} s, back empty", server, start)


def report(what: str, server: "SlowServer", start: float) -> list[str]:
    """Print the count and return what should not be."""
    from tests.faults.outbox import Count

    count = Count.of(server)
    say(f"{what}, in {time.monotonic() - start:.0f} s:")
    say(f"  states: {count.states}, at the server: {len(server.taken)}")
    say(f"  taken twice: {len(count.duplicates)}, lost: {len(count.lost)}")
    say(f"  of the uncertain ones, the server had {count.arrived}")
    for problem in count.problems:
        say(f"  WRONG: {problem}")
    return count.problems


def wait_until(true: object, seconds: float) -> bool:
    """Wait for that to be true, not longer than that."""
    end = time.monotonic() + seconds
    while not (done := true()) and time.monotonic() < end:
        time.sleep(0.1)
    return done


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
