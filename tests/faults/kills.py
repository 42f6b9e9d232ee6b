"""Kills processes of Annals at random moments while people work, and looks what was lost.

    nice .venv/bin/python -m tests.faults.kills --rounds 200 --people 4

Annals runs as `make run` starts it. In each round, web (with all it serves pages by), one of its
page servers, the worker or beat is killed (SIGKILL) at a random moment, while people comment, edit,
archive, write, invite, share, import, tag many contacts and export the log over HTTP, and a slow
mail server takes what leaves. Then everything is left alone until all work is done; mails of which
nobody knows whether they left are sent again, as a person would. It compares what each person was
told with the rows, plain triggers with the events, the mail server with the outbox, and verifies
the sealed log; prints what it counted, and exits with 1 where anything differs. It uses servers of
its own in a temporary folder, and takes some 6 seconds a round.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.faults.kills_annals import KINDS, Annals, wait_until
from tests.faults.kills_people import Person

POOL = 300  # contacts that are acted on in bulk
DRAIN_SECONDS = 420
SHOWN = 50  # problems that are printed


def main() -> int:
    """Run the trial; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--people", type=int, default=4)
    parser.add_argument("--pause", type=float, default=3.0, help="between rounds, at most, seconds")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
    with scene(people=arguments.people) as (annals, people, server):
        chance = random.Random(arguments.seed)  # noqa: S311 - no secret
        back = defaultdict(list)
        with at_work(people):
            for number in range(arguments.rounds):
                time.sleep(chance.uniform(0, arguments.pause))
                kind = chance.choice(KINDS)
                back[kind].append(annals.kill(kind, chance))
                if number % 20 == 19:
                    say(f"{number + 1} rounds")
        return finish(annals, people, server, back)


@contextmanager
def scene(*, people: int, **environment: str) -> Iterator[tuple[Annals, list[Person], Any]]:
    """Run Annals in a folder of its own, with people and a mail server; yield all three."""
    with tempfile.TemporaryDirectory(prefix="annals-F-", dir="/tmp") as folder:
        os.environ |= {"ANNALS_VAR": folder, "DJANGO_SETTINGS_MODULE": "config.settings"}
        for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SITE_URL", "SECRET_KEY"):
            os.environ.pop(name, None)
        # Only now: what is imported reads the environment.
        from config import embedded
        from config.run import free_port
        from tests.faults.outbox import SlowServer

        port = free_port()
        os.environ["PORT"] = str(port)
        embedded.start(durable=False)
        server = SlowServer(0.2)
        server.start()
        more = {"EMAIL_URL": f"smtp://127.0.0.1:{server.port}", "MESSAGE_GRACE_SECONDS": "1"}
        annals = Annals(Path(folder), port, **more, **environment)
        try:
            workers = set_up(people, port)
            annals.start()
            yield annals, workers, server
        finally:
            annals.stop()
            server.stop()
            from django.db import connections

            connections.close_all()
            embedded.stop()


def set_up(count: int, port: int) -> list[Person]:
    """Make the tables, people, and their contacts; return the people."""
    import django
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    from contacts.models import Contact
    from tests.builders import make_contact, make_user
    from tests.faults import witness

    witness.install()
    people = []
    pool = Contact.objects.bulk_create(
        Contact(given_name=f"Pool {n}", emails=[f"pool{n}@calder.example"]) for n in range(POOL)
    )
    for number in range(count):
        browser = Client()
        browser.force_login(make_user("manager", name=f"Mia{number}"))
        name = settings.SESSION_COOKIE_NAME
        cookie = f"{name}={browser.cookies[name].value}"
        contacts = [
            str(make_contact(given_name=f"Person {number}", emails=[address]).pk)
            for address in (f"person{number}@calder.example", f"other{number}@calder.example")
        ]
        people.append(Person([port], number, cookie, contacts, [str(each.pk) for each in pool]))
    return people


@contextmanager
def at_work(people: list[Person], **how: float) -> Iterator[None]:
    """Have all people work until the block ends."""
    ended = threading.Event()
    threads = [threading.Thread(target=each.work, args=[ended], kwargs=how) for each in people]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


def finish(annals: Annals, people: list[Person], server: Any, back: dict[str, list[float]]) -> int:
    """Wait until all work is done, count, and print; return the exit code."""
    from tests.faults.kills_account import account, rows, spread, undone

    say(f"{annals.killed} processes killed")
    for kind, seconds in sorted(back.items()):
        say(f"  {kind} is back: {spread(seconds)}")
    seconds = wait_until(lambda: not undone(), DRAIN_SECONDS)
    say(f"after the last of it, all work was done in {seconds:.0f} s")
    unknown = rows(
        "SELECT message_id, recipient FROM contacts_delivery"
        " WHERE state = 'uncertain' AND message_id IS NOT NULL"
    )
    sent = sum(people[0].resend(str(message), address) for message, address in unknown)
    seconds = wait_until(lambda: not undone(), DRAIN_SECONDS)
    say(
        f"of {len(unknown)} uncertain messages, a person sent {sent} again; gone in {seconds:.0f} s"
    )
    found = account([each.journal for each in people], server)
    for line in found.lines:
        say(f"  {line}")
    for problem in found.problems[:SHOWN]:
        say(f"  WRONG: {problem}")
    say(f"{len(found.problems)} problems")
    return 1 if found.problems else 0


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
