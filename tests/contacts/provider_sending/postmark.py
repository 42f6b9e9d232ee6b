"""A server of our own that stands in for Postmark's API.

See https://postmarkapp.com/developer/api."""

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from contacts.mail import deliver
from contacts.models import Delivery
from tests.contacts.outbox import ANA, state

TAKEN = {
    "To": ANA,
    "SubmittedAt": "2026-11-17T07:25:01.4178645-05:00",
    "MessageID": "0a129aee-e1cd-480d-b08d-4f48548ff48d",
    "ErrorCode": 0,
    "Message": "OK",
}
SILENCE = "silence"


class Api(ThreadingHTTPServer):
    """Answers as it is told to; keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.answer: tuple[int, Any] | str = (200, TAKEN)
        self.received: list[dict[str, Any]] = []
        self.enough = threading.Event()


class Answering(BaseHTTPRequestHandler):
    server: Api

    def do_POST(self) -> None:
        """Take a mail, or not."""
        length = int(self.headers["Content-Length"])
        self.server.received.append(json.loads(self.rfile.read(length)))
        if self.server.answer == SILENCE:
            self.server.enough.wait(20)
        if isinstance(self.server.answer, str):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        code, told = self.server.answer
        body = told.encode() if isinstance(told, str) else json.dumps(told).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Print nothing."""


def outcome(mail: Delivery) -> str:
    deliver(mail.pk)
    return state(mail)
