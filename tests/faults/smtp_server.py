"""A mail server in any mood: it says at each step what a mood has it say, or nothing at all."""

import contextlib
import datetime
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

END = b"\r\n.\r\n"  # of the text of a mail
# What a server in a good mood says at each step.
GOOD = {
    "connect": "220 mail.example",
    "EHLO": "250-mail.example\r\n250-8BITMIME\r\n250 SIZE 35882577",
    "HELO": "250 mail.example",
    "AUTH": "235 Welcome",
    "MAIL": "250 OK",
    "RCPT": "250 OK",
    "DATA": "354 Go ahead",
    "text": "250 Queued",
    "RSET": "250 OK",
    "QUIT": "221 Bye",
}


@dataclass(frozen=True)
class Says:
    """What a server says at one step, and what it does then.

    - `words`: what it says, with an end of line put after it if `ends`
    - `times`: how often it says so; `pause`: seconds before each byte of it
    - `then`: "" to go on, "silence" to say no more, "hang up" to close, "reset" to break off
    """

    words: str | bytes = b""
    then: str = ""
    ends: bool = True
    times: int = 1
    pause: float = 0.0


Answers = Mapping[str, "Says | str"]


def certificate(file: Path, name: str = "localhost", *, days: int = 1) -> ssl.SSLContext:
    """Write a certificate for a name, valid for so many days (expired if negative), with its key.

    Returns the context of a server that shows it. Who trusts `file` (SSL_CERT_FILE) trusts it.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name.from_rfc4514_string(f"CN={name}")
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=10))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


class MoodyServer:
    """Says at each step what `visits` has for it: a mapping for each connection, the last for ever.

    `taken` counts the mails that it has and will pass on: those whose text came to its end, unless
    it said then that it does not take them. `in_plain` are the commands it was sent unencrypted.
    `showed` tells whether anybody came as far as to what a visit has for it.
    """

    def __init__(self, *visits: Answers, context: ssl.SSLContext | None = None) -> None:
        self._visits, self._context = visits, context
        self.taken = 0
        self.showed = not all(visits)
        self.in_plain: list[str] = []

    @contextlib.contextmanager
    def running(self) -> Iterator[int]:
        """Listen; yield the port."""
        with socket.create_server(("127.0.0.1", 0)) as self._listener:
            taker = threading.Thread(target=self._take, daemon=True)
            taker.start()
            yield self._listener.getsockname()[1]
            self._listener.shutdown(socket.SHUT_RDWR)
            taker.join(10)

    def _take(self) -> None:
        connections: list[socket.socket] = []
        with contextlib.suppress(OSError):
            while True:
                connections.append(self._listener.accept()[0])
                visit = self._visits[min(len(connections), len(self._visits)) - 1]
                threading.Thread(
                    target=self._serve, args=(connections[-1], visit), daemon=True
                ).start()
        for each in connections:
            each.close()

    def _serve(self, connection: socket.socket, visit: Answers) -> None:
        with contextlib.suppress(OSError, EOFError):
            Visit(self, connection, visit, self._context).run()


class Visit:
    """One connection."""

    def __init__(
        self,
        server: MoodyServer,
        connection: socket.socket,
        visit: Answers,
        context: ssl.SSLContext | None,
    ) -> None:
        self._server, self._connection, self._visit = server, connection, visit
        self._answers: Answers = {**GOOD, **visit}
        self._context, self._heard, self._is_plain = context, b"", True

    def run(self) -> None:
        """Talk until either side has enough."""
        if self._context and "STARTTLS" not in self._answers:
            self._encrypt()
        self._say("connect")
        while True:
            step = self._hear(b"\r\n").partition(b" ")[0].decode("latin-1").upper()
            if self._is_plain:
                self._server.in_plain.append(step)
            self._say(step)
            if step == "STARTTLS" and self._context:
                self._encrypt()
            elif step == "DATA" and self._words("DATA").startswith(b"354"):
                if isinstance(cut := self._visit.get("in text"), Says):
                    self._connection.recv(1)
                    self._server.showed = True
                    self._end(cut.then)
                self._hear(END)
                self._server.taken += not self._words("text").startswith((b"4", b"5"))
                self._say("text")

    def _words(self, step: str) -> bytes:
        says = self._answers.get(step, "500 What?")
        words = says.words if isinstance(says, Says) else says
        return words.encode() if isinstance(words, str) else words

    def _say(self, step: str) -> None:
        self._server.showed |= step in self._visit
        says = self._answers.get(step, "500 What?")
        says = says if isinstance(says, Says) else Says(says)
        words = self._words(step) + (b"\r\n" if says.ends and says.words else b"")
        for _time in range(says.times):
            for part in [words[n : n + 1] for n in range(len(words))] if says.pause else [words]:
                time.sleep(says.pause)
                self._connection.sendall(part)
        self._end(says.then)

    def _end(self, then: str) -> None:
        if then == "silence":
            while self._connection.recv(1000):
                pass
        if then == "reset":
            linger = struct.pack("ii", 1, 0)
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        if then:
            self._connection.close()
            raise EOFError

    def _hear(self, end: bytes) -> bytes:
        while end not in self._heard:
            part = self._connection.recv(65536)
            if not part:
                raise EOFError
            self._heard += part
        found, _, self._heard = self._heard.partition(end)
        return found

    def _encrypt(self) -> None:
        assert self._context
        self._connection = self._context.wrap_socket(self._connection, server_side=True)
        self._is_plain = False
