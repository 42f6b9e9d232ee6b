"""What clients send to the web process, whole or slowly, and a page that sends it back."""

import http.client
import socket
from typing import Any

from django.http import HttpResponse

from tests.live import Served


def ask(served: Served, method: str, path: str, **asked: Any) -> tuple[int, bytes]:
    """Return the answer's status and body."""
    connection = http.client.HTTPConnection("localhost", served.port, timeout=20)
    connection.request(method, path, **asked)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def begin(served: Served, head: str, body: bytes = b"") -> socket.socket:
    """Return a connection on which a request has begun; `head` lacks only what ends it."""
    client = socket.create_connection(("127.0.0.1", served.port))
    client.settimeout(20)
    client.sendall(f"{head}\r\nHost: localhost\r\n\r\n".encode() + body)
    return client


def status(client: socket.socket) -> int:
    return int(client.recv(100).split()[1])


def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return HttpResponse(environ["wsgi.input"].read())
