"""Takes Redis away under load, in each way there is, and counts what was lost.

    .venv/bin/python -m tests.faults.redis_away --rounds 3 --seconds 120

Eight people write, archive, restore and read, and a message is queued each second, beside worker
and beat, while Redis is flushed, hangs (SIGSTOP) for `--seconds`, is killed and started at once, or
stays away for `--seconds` and comes back empty. It prints, for each, the slowest answer, and how
long after its end `/readyz` is 200, an open page hears of a comment, and all mails have left; and
exits with 1 where an answer was no success, a change that was said to be saved is missing, a mail
is lost or was sent twice, or the log does not verify.
"""

import argparse
import http.client
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from typing import Any

from uuid_utils.compat import uuid7

from tests.faults.installation import Installation, say, wait_until
from tests.faults.people import account, at_work, total

CALM = 5.0  # seconds before each fault
PATIENCE = 180.0  # seconds for everything to be as before


def main() -> int:
    """Run all rounds; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=120)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    installation = Installation()
    try:
        installation.set_up()
        for name in ("web", "worker", "beat"):
            installation.start(name)
        wait_until(lambda: installation.status("/readyz") == 200, 120)
        problems = [
            problem
            for _ in range(arguments.rounds)
            for name, fault in FAULTS.items()
            for problem in trial(installation, name, fault, arguments.seconds)
        ]
    finally:
        installation.close()
    for problem in problems:
        say(f"  WRONG: {problem}")
    return 1 if problems else 0


def trial(
    installation: Installation, name: str, fault: Callable[[float], None], seconds: float
) -> list[str]:
    """Let one fault happen under load; return what should not be."""
    page, mails = OpenPage(installation), Mails(installation)
    with page, mails:
        with at_work(installation) as journals:
            time.sleep(CALM)
            fault(seconds)
            back = time.monotonic()
            ready = wait_until(lambda: installation.status("/readyz") == 200, PATIENCE)
            readied = time.monotonic() - back
            time.sleep(CALM)
        heard = page.hears_of_a_comment(PATIENCE)
        mails.stop()
        left = wait_until(mails.have_all_left, PATIENCE)
        last = time.monotonic() - back
    slowest = max(*(journal.slowest for journal in journals), mails.slowest)
    say(
        f"{name}: slowest answer {slowest:.1f} s, ready after {readied:.1f} s, an open page heard"
        f" after {heard:.1f} s, {mails.queued} mails left {last:.0f} s after; {total(journals)}"
    )
    problems = account(journals) + mails.problems()
    if not (ready and left and heard < PATIENCE):
        problems.append("Not all was as before")
    return [f"{name}: {problem}" for problem in problems]


def flush(seconds: float) -> None:
    """Empty it."""
    _client().flushall()


def hang(seconds: float) -> None:
    """Stop it for so long, as a machine that swaps or a debugger does."""
    pid = _pid()
    os.kill(pid, signal.SIGSTOP)
    time.sleep(seconds)
    os.kill(pid, signal.SIGCONT)


def die(seconds: float) -> None:
    """Kill it, and start it at once, as `make run` does."""
    from config.embedded import redis

    os.kill(_pid(), signal.SIGKILL)
    wait_until(lambda: not redis.is_running(), 10)
    redis.start()


def stay_away(seconds: float) -> None:
    """Kill it, and start it empty after so long."""
    from config.embedded import redis

    os.kill(_pid(), signal.SIGKILL)
    time.sleep(seconds)
    (redis.DATA / "dump.rdb").unlink(missing_ok=True)
    redis.start()


def _client() -> Any:
    import redis

    from config.embedded import redis_url

    return redis.Redis.from_url(redis_url())


def _pid() -> int:
    return _client().info("server")["process_id"]


class OpenPage:
    """The stream of somebody who has a contact's page open, opened again whenever it ends."""

    def __init__(self, installation: Installation) -> None:
        self._in, self._newest, self._ended = installation, 0, threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> "OpenPage":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def hears_of_a_comment(self, seconds: float) -> float:
        """Have somebody comment; return how many seconds later the page was told."""
        from accounts.models import User
        from activity.models import ActivityEvent
        from contacts.models import Comment, Contact

        contact = Contact.objects.get(pk=self._in.contacts[0])
        began = time.monotonic()
        Comment.add(contact, author=User.objects.first(), body="Heard?", pk=uuid7())
        event = ActivityEvent.objects.order_by("-id").values_list("id", flat=True)[0]
        wait_until(lambda: self._newest >= event, seconds)
        return time.monotonic() - began

    def _read(self) -> None:
        while not self._ended.wait(0.5):
            client = http.client.HTTPConnection("127.0.0.1", self._in.port, timeout=20)
            try:
                path = f"/live/?contact={self._in.contacts[0]}"
                client.request("GET", path, headers={"Cookie": self._in.cookies[0]})
                answer = client.getresponse()
                while not self._ended.is_set() and (line := answer.readline()):
                    if line.startswith(b"data: "):
                        self._newest = max(self._newest, int(line[6:]))
            except (OSError, http.client.HTTPException):
                pass
            finally:
                client.close()


class Mails:
    """Messages that are queued, one each second, and what became of them."""

    def __init__(self, installation: Installation) -> None:
        from tests.builders import make_contact

        self._in, self.queued, self.slowest = installation, 0, 0.0
        self._contact = make_contact(given_name="Rena", emails=["rena@calder.example"])
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._queue, daemon=True)

    def __enter__(self) -> "Mails":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Queue no more."""
        self._ended.set()
        self._thread.join()

    def have_all_left(self) -> bool:
        """Tell whether none is queued or being sent."""
        from contacts.models import Delivery

        return not Delivery.objects.filter(state__in=("queued", "sending")).exists()

    def problems(self) -> list[str]:
        """Return which mails are not in the mailbox once, as sentences."""
        from contacts.models import Delivery

        files = (self._in.var / "mail").rglob("*")
        there = Counter(
            message_from_bytes(file.read_bytes())["Message-ID"] for file in files if file.is_file()
        )
        known = dict(Delivery.objects.values_list("mail_id", "state"))
        found = [f"{count} times in the mailbox: {pk}" for pk, count in there.items() if count > 1]
        found += [f"a mail is {state}" for state in known.values() if state != "sent"]
        return found + [f"never arrived: {pk}" for pk in known.keys() - there.keys()]

    def _queue(self) -> None:
        from django.db import InterfaceError, OperationalError, connection, transaction

        from accounts.models import User
        from contacts.models import Message

        author = User.objects.first()
        while not self._ended.wait(1):
            began, text = time.monotonic(), f"No. {self.queued}"
            try:
                with transaction.atomic():
                    Message.send(
                        self._contact, author=author, address="rena@calder.example", body=text,
                        grace=timedelta(0),
                    )  # fmt: skip
                self.queued += 1
            except (InterfaceError, OperationalError):  # the database says no: nothing was queued
                connection.close()
            self.slowest = max(self.slowest, time.monotonic() - began)
        connection.close()


FAULTS: dict[str, Callable[[float], None]] = {
    "flushed": flush,
    "hangs": hang,
    "killed": die,
    "away": stay_away,
}

if __name__ == "__main__":
    sys.exit(main())
