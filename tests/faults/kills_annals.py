"""Annals as `make run` starts it, in a folder of its own, with processes to kill."""

import http.client
import json
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

    def answers(self, path: str = "/healthz", part: str = "") -> bool:
        """Tell whether the web answers on a connection of its own, and finds a part well."""
        assert self._process
        assert self._process.poll() is None, "Annals has ended; see processes.log."
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            client.request("GET", path)
            answer = client.getresponse()
            if part:
                return bool(json.loads(answer.read())[part])
            return answer.status == 200
        except (OSError, ValueError, http.client.HTTPException):
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

    def kill_redis(self) -> float:
        """Kill Redis, with all that waits in it; return the seconds until there is another."""
        from config.embedded import redis

        for process in psutil.process_iter(["name", "cmdline"]):
            if any(str(redis.SOCKET) in each for each in process.info["cmdline"] or ()):
                process.kill()
        return self._until_ready()

    def kill_backend(self) -> float:
        """Kill a process of PostgreSQL, which then ends all connections; return the seconds."""
        from django.db import connection

        from tests.faults.kills_account import rows

        found = rows(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
            " AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
        )
        for [pid] in found:
            os.kill(pid, signal.SIGKILL)
        connection.close()  # ours has ended with it
        return self._until_ready()

    def _until_ready(self) -> float:
        self.killed += 1
        start = time.monotonic()
        time.sleep(0.1)  # until it is noticed that somebody is gone
        wait_until(lambda: self.answers("/accounts/login/"), PATIENCE_SECONDS)
        wait_until(lambda: self.answers("/readyz", "redis"), PATIENCE_SECONDS)
        return time.monotonic() - start


def wait_until(true: Callable[[], Any], seconds: float) -> float:
    """Wait for that to be true; return the seconds it took. Raises TimeoutError after `seconds`."""
    start = time.monotonic()
    while not true():
        if time.monotonic() - start > seconds:
            raise TimeoutError(f"not within {seconds:.0f} seconds")
        time.sleep(0.05)
    return time.monotonic() - start
