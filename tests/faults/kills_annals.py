"""Annals as `make run` starts it, in a folder of its own, with processes to kill."""

import http.client
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent.parent
KINDS = ("web", "page server", "worker", "beat")
PATIENCE_SECONDS = 60


class Annals:
    """A run of Annals: what supervises its processes starts them again when they are killed."""

    def __init__(self, folder: Path, port: int, **environment: str) -> None:
        """`environment` is added to that of all its processes."""
        self.port, self.killed = port, 0
        self.log = folder / "processes.log"
        self._output = self.log.open("ab")
        self._environment = os.environ | {
            "PORT": str(port), "WEB_CONCURRENCY": "2", "PYTHONUNBUFFERED": "1",
            "COVERAGE_PROCESS_CONFIG": "", **environment,
        }  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it answers once this returns."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "config.run"],
            cwd=ROOT, env=self._environment, stdout=self._output, stderr=self._output,
            start_new_session=True,
        )  # fmt: skip
        wait_until(self.answers, PATIENCE_SECONDS)

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        if self._process:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(PATIENCE_SECONDS)
        self._output.close()

    def answers(self) -> bool:
        """Tell whether the web answers on a connection of its own."""
        assert self._process
        assert self._process.poll() is None, "Annals has ended; see processes.log."
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            client.request("GET", "/healthz")
            return client.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            client.close()

    def processes(self, kind: str) -> list[psutil.Process]:
        """Return its processes of that kind: web, the page servers that web starts, and so on."""
        assert self._process
        name = "annals-web" if kind == "page server" else f"annals-{kind}"
        found = []
        for process in psutil.Process(self._process.pid).children(recursive=True):
            try:
                if process.name() == name and process.status() != psutil.STATUS_ZOMBIE:
                    is_below = process.parent().name() == name
                    if is_below == (kind == "page server"):
                        found.append(process)
            except (psutil.Error, AttributeError):
                continue
        return found

    def kill(self, kind: str, chance: random.Random) -> float:
        """Kill a process as a power cut does; return the seconds until another does its work."""
        before = {each.pid for each in self.processes(kind)}
        wanted = 2 if kind == "page server" else 1
        doomed = chance.choice(sorted(before))
        os.kill(doomed, signal.SIGKILL)
        self.killed += 1
        start = time.monotonic()
        wait_until(
            lambda: len({p.pid for p in self.processes(kind)} - {doomed}) >= wanted,
            PATIENCE_SECONDS,
        )
        if kind in {"web", "page server"}:
            wait_until(self.answers, PATIENCE_SECONDS)
        return time.monotonic() - start


def wait_until(true: Callable[[], Any], seconds: float) -> float:
    """Wait for that to be true; return the seconds it took. Raises TimeoutError after `seconds`."""
    start = time.monotonic()
    while not true():
        if time.monotonic() - start > seconds:
            raise TimeoutError(f"not within {seconds:.0f} seconds")
        time.sleep(0.05)
    return time.monotonic() - start
