"""The moods of mail servers, and what is to become of a mail in each."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.faults.smtp_server import Answers, Says

# Seconds for each answer (EMAIL_TIMEOUT): of a server that lets us wait in vain, and of others.
TIMEOUT, PATIENCE = 0.1, 20.0
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

    @property
    def keeps_waiting(self) -> bool:
        """Tell whether only our own patience ends an attempt."""
        answers = [each for visit in self.visits for each in visit.values()]
        slow = [each for each in answers if isinstance(each, Says)]
        return any(s.then == "silence" or not s.ends or (s.pause and s.times > 1) for s in slow)


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
