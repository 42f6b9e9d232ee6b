"""A real SMTP server for tests, which does with each mail what a test asks for."""

import asyncio
import threading
from collections import deque
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from config.run import free_port


@dataclass(frozen=True)
class Behaviour:
    """What the server does with one mail.

    `sender`, `recipient` and `text` are its answers to MAIL, RCPT and the text, such as
    "550 No such user here"; empty is a yes. To the text it answers once the event `wait` is set.
    With `drop` it breaks the connection instead of answering to the text, having taken the mail
    all the same if it would have answered with a yes. `goodbye` is its answer to QUIT, empty is a
    yes, None breaks the connection.
    """

    sender: str = ""
    recipient: str = ""
    text: str = ""
    wait: threading.Event | None = None
    drop: bool = False
    goodbye: str | None = ""


ACCEPT = Behaviour()


class Server:
    """An SMTP server on a free port of this machine.

    `received` are the mails it has taken, `envelopes` their senders and recipients. `next` holds
    what it does with the mails to come, in their order; without, it accepts. `texts` is released
    once it has the text of one, whatever it then does.
    """

    def __init__(self, **options: Any) -> None:
        """Take options of aiosmtpd's Controller, such as `authenticator`."""
        self.port = free_port()
        self.received: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.next: deque[Behaviour] = deque()
        self.texts = threading.Semaphore(0)
        self._options = options
        self._controller: Controller | None = None

    def behave(self, *next_mails: Behaviour, **one: Any) -> None:
        """Do that with the next mails; by keywords, with the next one."""
        self.next.extend(next_mails or [Behaviour(**one)])

    def start(self) -> None:
        """Answer at the port, again if it was stopped."""
        self._controller = Controller(
            self,
            "127.0.0.1",
            self.port,
            server_hostname="mail.example",
            ready_timeout=60,
            **self._options,
        )
        self._controller.start()

    def stop(self) -> None:
        """Be down: take no connections and break those there are."""
        if self._controller:
            self._controller.stop()
            self._controller = None

    async def handle_MAIL(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Begin a mail."""
        session.behaviour = self.next.popleft() if self.next else ACCEPT
        envelope.mail_from = address
        return session.behaviour.sender or "250 OK"

    async def handle_RCPT(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient, or not."""
        envelope.rcpt_tos.append(address)
        return session.behaviour.recipient or "250 OK"

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:
        """Take the mail, or not, and say so, or not."""
        behaviour = session.behaviour
        self.texts.release()
        while behaviour.wait and not behaviour.wait.is_set():
            await asyncio.sleep(0.01)
        if not behaviour.text or behaviour.text.startswith("2"):
            self.received.append(message_from_bytes(envelope.content, policy=policy.default))
            self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
        if behaviour.drop:
            smtp.transport.abort()
        return behaviour.text or "250 OK"

    async def handle_QUIT(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:
        """Say goodbye, or not."""
        goodbye = getattr(session, "behaviour", ACCEPT).goodbye
        if goodbye is None:
            smtp.transport.abort()
        return goodbye or "221 Bye"
