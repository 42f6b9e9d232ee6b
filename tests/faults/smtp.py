"""Sends a mail to a mail server in every bad mood, and tells what became of it.

    .venv/bin/python -m tests.faults.smtp

Each mood is tried with a mail of its own until that comes to an end: up to eight attempts, without
the pauses between them. It prints, for each, the state after the first attempt and at the end, how
many mails the server has, and the sentence that people read; and exits with 1 where a server got a
mail twice, a mail is noted as sent that it did not get, one that it did get is noted as not sent,
or nobody is told anything. It uses a database of its own in a temporary folder.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.faults.smtp_moods import MOODS, PATIENCE, SSL, TIMEOUT, TLS, Mood
from tests.faults.smtp_server import MoodyServer, certificate


@dataclass(frozen=True)
class Outcome:
    """What became of a mail: its states, how many of it the server has, and what people read."""

    mood: Mood
    first: str
    last: str
    taken: int
    sentence: str
    seconds: float  # that the longest attempt took
    in_plain: list[str]

    @property
    def is_over(self) -> bool:
        """Tell whether it came to an end."""
        return self.last != "queued"

    @property
    def problems(self) -> list[str]:
        """Return what should not be, as sentences."""
        wanted = self.mood.comes_to if self.is_over else (self.mood.comes_to[0], self.last)
        found = {
            f"came to {self.first}, then {self.last}": (self.first, self.last) != wanted,
            f"the server has {self.taken}": self.taken > 1
            or (self.last == "sent" and not self.taken)
            or (self.last == "failed" and self.taken > 0),
            "nobody is told why": self.last != "sent" and not self.sentence,
            f"the sentence does not say {self.mood.words}": self.mood.words not in self.sentence,
            "a mail left in plain text": bool(self.mood.settings.keys() & {*TLS, *SSL})
            and "MAIL" in self.in_plain,
            f"an attempt took {self.seconds:.1f} s": self.seconds > PATIENCE / 2,
        }
        return [words for words, is_so in found.items() if is_so]


def trial(mood: Mood, folder: Path, *, attempts: int) -> Outcome:
    """Try a mail in that mood, at most so often, without pauses.

    An attempt that ended before the server could show its mood, as the machine was busy, tells
    nothing: then there is another trial, with more time.
    """
    timeout = TIMEOUT if mood.keeps_waiting else PATIENCE
    while True:
        outcome, showed = _trial(mood, folder, attempts, timeout)
        if showed or timeout > PATIENCE:
            return outcome
        timeout *= 4


def _trial(mood: Mood, folder: Path, attempts: int, timeout: float) -> tuple[Outcome, bool]:
    """Return what became of a mail, and whether the server could show its mood."""
    from django.test import override_settings

    from tests.contacts.deliveries.trying import again
    from tests.contacts.outbox import ana, message, state

    server = MoodyServer(*mood.visits, context=_shown(mood, folder))
    delivery = message(ana())
    where = {"EMAIL_BACKEND": "contacts.smtp.EmailBackend", "EMAIL_HOST": "localhost"}
    states, longest = [], 0.0
    with (
        server.running() as port,
        override_settings(EMAIL_PORT=port, EMAIL_TIMEOUT=timeout, **where, **mood.settings),
    ):
        for _attempt in range(attempts):
            start = time.monotonic()
            again(delivery)
            longest = max(longest, time.monotonic() - start)
            states.append(state(delivery))
            if states[-1] != "queued":
                break
        outcome = Outcome(
            mood, states[0], states[-1], server.taken, delivery.error, longest, server.in_plain
        )
        return outcome, server.showed


def _shown(mood: Mood, folder: Path) -> Any:
    """Return the context of a server that shows the certificate, and have ours be trusted."""
    if not mood.tls:
        return None
    file = folder / "certificate.pem"
    name = "elsewhere.example" if mood.tls == "another's" else "localhost"
    return certificate(file, name, days=-1 if mood.tls == "expired" else 1)


@contextmanager
def trusting(folder: Path) -> Iterator[None]:
    """Trust the certificates of the moods."""
    with patch.dict(os.environ, {"SSL_CERT_FILE": str(folder / "certificate.pem")}):
        yield


def main() -> int:
    """Try all moods; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="annals-faults-", dir="/tmp") as folder:
        os.environ |= {"ANNALS_VAR": folder, "DJANGO_SETTINGS_MODULE": "config.settings"}
        for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL"):
            os.environ.pop(name, None)
        # Only now: what is imported reads the environment.
        from config import embedded

        embedded.start(durable=False)
        try:
            import django
            from django.core.management import call_command

            django.setup()
            call_command("migrate", interactive=False, verbosity=0)
            with trusting(Path(folder)):
                outcomes = [trial(mood, Path(folder), attempts=8) for mood in MOODS]
        finally:
            embedded.stop()
    return report(outcomes)


def report(outcomes: list[Outcome]) -> int:
    """Print what became of each; return the exit code."""
    for each in outcomes:
        sys.stdout.write(
            f"{each.mood.name:42} {each.first:10} {each.last:10} {each.taken} {each.sentence}\n"
        )
        sys.stdout.writelines(f"  WRONG: {problem}\n" for problem in each.problems)
    wrong = sum(bool(each.problems) for each in outcomes)
    twice = sum(each.taken > 1 for each in outcomes)
    sys.stdout.write(f"{len(outcomes)} moods, {wrong} wrong, {twice} mails sent twice\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
