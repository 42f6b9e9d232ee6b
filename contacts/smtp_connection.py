"""Connections to a mail server: they wait for no answer for ever, and know what was handed over."""

import io
import smtplib
import socket
import time
from collections.abc import Callable
from typing import Any

MOST_BYTES = 64 * 1024  # of one answer
MOST_WORDS = 300  # characters of what a server said
LONGEST_SECONDS = 60  # for one answer, where EMAIL_TIMEOUT sets no bound


class Answers(io.RawIOBase):
    """What a server says: each answer whole within its time and size.

    smtplib bounds the wait for a part of a line, and the length of a line. A server that says a
    letter now and then, or one line after another, would hold its worker for days.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.begin(LONGEST_SECONDS)

    def begin(self, seconds: float) -> None:
        """Have the next answer be there within so many seconds."""
        self._ends, self._room = time.monotonic() + seconds, MOST_BYTES

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what there is; return how many bytes. Raises OSError where it is enough."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        size = self._sock.recv_into(buffer)
        self._room -= size
        if self._room < 0:
            raise ConnectionAbortedError
        return size


class Connection(smtplib.SMTP):
    """A connection that knows whether the server has the whole text of a mail."""

    handed_over = False
    before_text: Callable[[], object] | None = None
    _answers: Answers

    def mail(self, *args: Any, **options: Any) -> tuple[int, bytes]:
        """Begin a mail; return the server's code and words."""
        self.handed_over = False
        return super().mail(*args, **options)

    def rcpt(self, recip: str, *args: Any, **options: Any) -> tuple[int, bytes]:
        """Name a recipient; return the server's code and words.

        Raises SMTPRecipientsRefused, so that a mail goes to all of its recipients or to none.
        """
        code, words = super().rcpt(recip, *args, **options)
        if code not in (250, 251):
            raise smtplib.SMTPRecipientsRefused({recip: (code, words)})
        return code, words

    def data(self, msg: bytes | str) -> tuple[int, bytes]:
        """Send the text of a mail; return the server's code and words.

        Raises what `before_text` raises, which is called first; then nothing is sent.
        """
        if self.before_text:
            self.before_text()
        return super().data(msg)

    def send(self, s: bytes | str) -> None:
        """Send a command or the text of a mail; smtplib passes only the text as bytes.

        Where this fails, the end of the text never left, and a server that has seen no end
        forgets the mail (RFC 5321, section 4.1.1.4).
        """
        super().send(s)
        if isinstance(s, bytes):
            self.handed_over = True

    def getreply(self) -> tuple[int, bytes]:
        """Return the server's code and words; an answer that is none ends the connection."""
        sock, seconds = self.sock, self.sock.gettimeout()
        if self.file is None:  # at first, and again once it is encrypted
            self._answers = Answers(sock)
            self.file = io.BufferedReader(self._answers)
        self._answers.begin(seconds or LONGEST_SECONDS)
        try:
            code, words = super().getreply()
        except smtplib.SMTPResponseException as error:  # a line without an end
            raise smtplib.SMTPServerDisconnected(str(error)) from error
        sock.settimeout(seconds)
        if code < 200:
            self.close()
            raise smtplib.SMTPServerDisconnected(clean(words))
        return code, words


class EncryptedConnection(Connection, smtplib.SMTP_SSL):
    """The same, encrypted from its start."""


def clean(words: bytes | str) -> str:
    """Return what a server said as one line that can be shown."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())[:MOST_WORDS]
