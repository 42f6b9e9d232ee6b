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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.faults.smtp_server import Answers, MoodyServer, Says, certificate

TIMEOUT = 0.1  # seconds for each answer (EMAIL_TIMEOUT)
# What came of the first attempt, and what of the last one.
SENT, REFUSED, NOT_NOW, UNCERTAIN = (
    ("sent", "sent"), ("failed", "failed"), ("queued", "failed"), ("uncertain", "uncertain"),
)  # fmt: skip
LATER = ("queued", "sent")
TLS, SSL = {"EMAIL_USE_TLS": True}, {"EMAIL_USE_SSL": True}
AUTH = {"EMAIL_HOST_USER": "us", "EMAIL_HOST_PASSWORD": "secret"}
WITH_TLS = {"EHLO": "250-mail.example\r\n250 STARTTLS", "STARTTLS": "220 Go"}
WITH_AUTH = "250-mail.example\r\n250 AUTH PLAIN LOGIN CRAM-MD5"


@dataclass(frozen=True)
class Mood:
    """A way in which a server behaves, by connection, and what is to become of a mail."""

    name: str
    comes_to: tuple[str, str]
    visits: tuple[Answers, ...]
    settings: dict[str, Any] = field(default_factory=dict)
    tls: str = ""  # whose certificate it shows: "ours", "another's" or "expired"
    words: str = ""  # what the sentence for people holds


def _at(step: str, answer: str, comes_to: tuple[str, str]) -> Mood:
    """Return a mood that answers so at one step."""
    return Mood(f"{answer[:3]} at {step}", comes_to, ({step: answer},), words=answer[4:])


def _moods() -> Iterator[Mood]:
    temporary = ("421 Closing", "450 Mailbox busy", "451 Local error", "452 Disk full")
    lasting = ("550 No such user", "552 Too large", "554 No")
    for step in ("connect", "EHLO"):
        for answer in (*temporary, *lasting):
            yield Mood(
                f"{answer[:3]} at {step}", NOT_NOW,
                ({step: answer, **({"HELO": answer} if step == "EHLO" else {})},),
                words=answer[4:],
            )  # fmt: skip
    for step in ("MAIL", "RCPT", "DATA", "text"):
        for answer in temporary:
            yield _at(step, answer, NOT_NOW)
        for answer in lasting:
            yield _at(step, answer, REFUSED)
    yield Mood("greylisting", LATER, ({"RCPT": "450 4.2.0 Greylisted, come back"}, {}))
    yield Mood("down at first", LATER, ({"connect": Says(then="reset")}, {}))
    yield Mood("no EHLO, only HELO", SENT, ({"EHLO": "502 What?"},))
    for step in ("connect", "EHLO", "MAIL", "RCPT", "DATA", "text"):
        end = UNCERTAIN if step == "text" else NOT_NOW
        yield Mood(f"silence at {step}", end, ({step: Says(then="silence")},))
        yield Mood(f"hangs up at {step}", end, ({step: Says(then="hang up")},))
        yield Mood(f"breaks off at {step}", end, ({step: Says(then="reset")},))
        yield Mood(f"garbage at {step}", end, ({step: Says(b"\x00\xff\xfe\x80 hm?")},))
        yield Mood(f"a line without an end at {step}", end, ({step: Says("2" * 9000, ends=False)},))
        yield Mood(f"lines without end at {step}", end, ({step: Says("250-and", times=200_000)},))
        yield Mood(f"a letter now and then at {step}", end, (
            {step: Says("250-OK", times=50, pause=0.05)},))  # fmt: skip
        # To such an EHLO, HELO is the answer.
        end = SENT if step == "EHLO" else end
        yield Mood(f"says 999 at {step}", end, ({step: "999 Yes"},))
    for step in ("connect", "EHLO", "MAIL", "RCPT"):
        words = "220 mail.example" if step == "connect" else "250 OK"
        yield Mood(f"closes after {step}", NOT_NOW, ({step: Says(words, then="hang up")},))
    # A short text is on its way at once, and nobody here knows how far it came.
    yield Mood("closes after DATA", UNCERTAIN, ({"DATA": Says("354 Go ahead", then="hang up")},))
    yield Mood("slow, yet in time", SENT, ({"text": Says("250 OK", pause=0.01)},))
    yield Mood("250 instead of 354", NOT_NOW, ({"DATA": "250 OK"},))
    yield Mood("354 after the text", UNCERTAIN, ({"text": "354 Go ahead"},))
    yield Mood("251 at the recipient", SENT, ({"RCPT": "251 Will pass it on"},))
    yield Mood("252 after the text", SENT, ({"text": "252 Perhaps"},))
    yield Mood("takes it, then hangs up", SENT, ({"text": Says("250 OK", then="hang up")},))
    yield Mood("takes it, says no goodbye", SENT, ({"QUIT": Says(then="hang up")},))
    yield Mood("refuses it, then hangs up", REFUSED, ({"text": Says("550 No", then="hang up")},))
    yield Mood("breaks off in the text", UNCERTAIN, ({"in text": Says(then="reset")},))
    yield Mood("says no in Latin-1", REFUSED, ({"RCPT": Says("550 Größe".encode("latin-1"))},),
               words="Gr")  # fmt: skip
    yield Mood("says no in many lines", REFUSED, ({"RCPT": "550-No\r\n550-such\r\n550 user"},),
               words="No such user")  # fmt: skip
    yield Mood("STARTTLS taken away", NOT_NOW, ({},), settings=TLS, words="STARTTLS")
    yield Mood("STARTTLS refused", NOT_NOW, ({**WITH_TLS, "STARTTLS": "454 Not now"},),
               settings=TLS, words="Not now")  # fmt: skip
    silence = Says("220 Go", then="silence")
    yield Mood("silence instead of TLS", NOT_NOW, ({**WITH_TLS, "STARTTLS": silence},),
               settings=TLS)  # fmt: skip
    yield Mood("STARTTLS works", SENT, (WITH_TLS,), settings=TLS, tls="ours")
    yield Mood("words slipped in before TLS", SENT, (
        {**WITH_TLS, "STARTTLS": "220 Go\r\n550 injected"},), settings=TLS, tls="ours")  # fmt: skip
    for tls in ("another's", "expired"):
        for settings, answers in ((TLS, WITH_TLS), (SSL, {})):
            kind = "STARTTLS" if settings is TLS else "TLS"
            yield Mood(f"{tls} certificate, {kind}", NOT_NOW, (answers,), settings=settings,
                       tls=tls, words="No safe connection")  # fmt: skip
    yield Mood("TLS from the start works", SENT, ({},), settings=SSL, tls="ours")
    yield Mood("silence instead of TLS from the start", NOT_NOW,
               ({"connect": Says(then="silence")},), settings=SSL)  # fmt: skip
    yield Mood("AUTH not offered", NOT_NOW, ({},), settings=AUTH, words="EMAIL_URL")
    yield Mood("AUTH of another kind", NOT_NOW, ({"EHLO": "250-x\r\n250 AUTH GSSAPI"},),
               settings=AUTH, words="EMAIL_URL")  # fmt: skip
    for answer in ("535 Wrong password", "454 Come back", "334 !!!"):
        yield Mood(f"{answer[:3]} at AUTH", NOT_NOW, ({"EHLO": WITH_AUTH, "AUTH": answer},),
                   settings=AUTH)  # fmt: skip
    yield Mood("AUTH works", SENT, ({"EHLO": "250-x\r\n250 AUTH PLAIN"},), settings=AUTH)


MOODS = list(_moods())
# Without what is to the client the same as others: of codes, and of steps before the text.
SHORT = [
    each
    for each in MOODS
    if each.name[:3] not in {"450", "451", "452", "552", "554"}
    and (each.name[0].isdigit() or not each.name.endswith((" at EHLO", " at RCPT")))
]


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
            f"an attempt took {self.seconds:.1f} s": self.seconds > 8 * TIMEOUT + 2,
        }
        return [words for words, is_so in found.items() if is_so]


def trial(mood: Mood, folder: Path, *, attempts: int) -> Outcome:
    """Try a mail in that mood, at most so often, without pauses."""
    from django.test import override_settings

    from tests.contacts.deliveries.trying import again
    from tests.contacts.outbox import ana, message, state

    server = MoodyServer(*mood.visits, context=_shown(mood, folder))
    delivery = message(ana())
    where = {"EMAIL_BACKEND": "contacts.smtp.EmailBackend", "EMAIL_HOST": "localhost"}
    states, longest = [], 0.0
    with (
        server.running() as port,
        override_settings(EMAIL_PORT=port, EMAIL_TIMEOUT=TIMEOUT, **where, **mood.settings),
    ):
        for _attempt in range(attempts):
            start = time.monotonic()
            again(delivery)
            longest = max(longest, time.monotonic() - start)
            states.append(state(delivery))
            if states[-1] != "queued":
                break
        return Outcome(
            mood, states[0], states[-1], server.taken, delivery.error, longest, server.in_plain
        )


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
