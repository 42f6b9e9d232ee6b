"""Keeps one web process busy with clients that only hold on, and asks it for pages meanwhile.

    .venv/bin/python -m tests.faults.clients --idle 10000

First nobody else is there; then `--idle` connections that were used once and stay open, those that
never say a word, clients that send a comment a byte a second, and clients that ask for much and
read nothing. For each it prints how long a contact's page takes beside them (half of them, 95 of
100, the slowest, in milliseconds), and the memory of the process. It exits with 1 where a page was
not answered with 200.
"""

import argparse
import re
import resource
import signal
import socket
import statistics
import sys
import threading
import time
from collections.abc import Callable

import psutil

from tests.faults.installation import Installation, say

PAGES = 100  # asked for, one after the other
SLOW = 200  # clients that send slowly, or read nothing


def main() -> int:
    """Try each kind of client; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--idle", type=int, default=10_000)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    installation = Installation(durable=False, GRANIAN_HTTP1_HEADER_READ_TIMEOUT="60000")
    try:
        installation.set_up(people=1)
        web = installation.start("web")
        problems = Crowd(installation, web.pid).tell(arguments.idle)
    finally:
        installation.close()
    for problem in problems:
        say(f"  WRONG: {problem}")
    return 1 if problems else 0


class Crowd:
    """Clients of one web process that ask for nothing more."""

    def __init__(self, installation: Installation, pid: int) -> None:
        self._in, self._pid = installation, pid
        self._head = f"Host: 127.0.0.1:{installation.port}\r\nCookie: {installation.cookies[0]}\r\n"
        self._path = f"/contacts/{installation.contacts[0]}"

    def tell(self, idle: int) -> list[str]:
        """Print what pages take beside each kind of client; return what went wrong."""
        self._pages(20)
        problems = []
        for name, come in {
            "nobody else": list,
            f"{idle} connections that were used": lambda: [self._used() for _ in range(idle)],
            f"{idle} connections without a word": lambda: [self._silent() for _ in range(idle)],
            f"{SLOW} that send a byte a second": lambda: [self._sending() for _ in range(SLOW)],
            f"{SLOW} that read nothing": lambda: [self._deaf() for _ in range(SLOW)],
        }.items():
            problems += self._beside(name, come)
        return problems

    def _beside(self, name: str, come: Callable[[], list[socket.socket]]) -> list[str]:
        crowd, ended = come(), threading.Event()
        dripping = threading.Thread(target=_drip, args=[crowd, ended])
        if "byte" in name:
            dripping.start()
        times, statuses = self._pages(PAGES)
        parts = statistics.quantiles(times, n=20)
        held = sum(_is_open(client) for client in crowd)
        say(
            f"beside {name} ({held} open): {parts[9]:.0f} / {parts[18]:.0f} / {max(times):.0f} ms,"
            f" {self._memory():.0f} MB"
        )
        ended.set()
        if dripping.ident:
            dripping.join()
        for client in crowd:
            client.close()
        return [f"{name}: a page was answered {status}" for status in statuses - {200}]

    def _pages(self, count: int) -> tuple[list[float], set[int]]:
        times, statuses = [], set()
        for _ in range(count):
            began = time.monotonic()
            statuses.add(self._in.status(f"{self._path}/", seconds=30))
            times.append((time.monotonic() - began) * 1000)
        return times, statuses

    def _memory(self) -> float:
        """Return the memory of the process that answers, in MB, what it shares included."""
        family = psutil.Process(self._pid).children(recursive=True)
        return max(each.memory_info().rss for each in family) / 1e6

    def _silent(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._in.port), timeout=30)

    def _used(self) -> socket.socket:
        client = self._silent()
        client.sendall(f"GET /healthz HTTP/1.1\r\n{self._head}\r\n".encode())
        answer = client.recv(4000)
        assert re.match(rb"HTTP/1.1 200", answer), answer
        return client

    def _sending(self) -> socket.socket:
        client = self._silent()
        head = f"POST {self._path}/comments/ HTTP/1.1\r\n{self._head}Content-Length: 5000\r\n\r\nb"
        client.sendall(head.encode())
        return client

    def _deaf(self) -> socket.socket:
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", self._in.port))
        client.sendall(f"GET {self._path}/ HTTP/1.1\r\n{self._head}\r\n".encode())
        return client


def _drip(crowd: list[socket.socket], ended: threading.Event) -> None:
    while not ended.wait(1):
        for client in crowd:
            client.sendall(b".")


def _is_open(client: socket.socket) -> bool:
    client.settimeout(0)
    try:
        return bool(client.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return True
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
