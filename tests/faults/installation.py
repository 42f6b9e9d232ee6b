"""Annals as it runs, in a folder of its own: its servers, and the processes of its Procfile."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from honcho.environ import parse_procfile

from tests.faults.people import Place

ROOT = Path(__file__).resolve().parent.parent.parent
ASIDE = ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "SITE_URL", "SECRET_KEY", "READ_DATABASE_URL")


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def wait_until(true: Callable[[], Any], seconds: float) -> bool:
    """Wait for that to be true, not longer than that; return whether it is."""
    end = time.monotonic() + seconds
    while not (done := bool(true())) and time.monotonic() < end:
        time.sleep(0.02)
    return done


def commands_of(release: Path) -> dict[str, str]:
    """Return the commands of a Procfile, by their names."""
    return parse_procfile((release / "Procfile").read_text()).processes


class Installation(Place):
    """All of Annals at one port, in a temporary folder that is removed at the end."""

    def __init__(self, *, durable: bool = True, var: str = "", **environment: str) -> None:
        """Make the folder and start the servers; the environment is that of all processes."""
        self._folder = None if var else tempfile.TemporaryDirectory(prefix="annals-f-", dir="/tmp")
        self.var = Path(var or self._folder.name)
        os.environ |= {"ANNALS_VAR": str(self.var), "DJANGO_SETTINGS_MODULE": "config.settings"}
        for name in ASIDE:
            os.environ.pop(name, None)
        from config import embedded
        from config.run import free_port

        assert self.var.resolve() == embedded.VAR, "Something read the environment too early."
        super().__init__(free_port())
        self.durable = durable
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = os.environ | {
            "PORT": str(self.port), "PATH": programs, "PYTHONUNBUFFERED": "1",
            "WEB_CONCURRENCY": "1", **environment,
        }  # fmt: skip
        self.commands = commands_of(ROOT)
        self.running: list[subprocess.Popen[bytes]] = []
        self._log = tempfile.NamedTemporaryFile(prefix="annals-log-", dir="/tmp")  # noqa: SIM115
        embedded.start(durable=durable)

    def set_up(self, people: int = 8) -> None:
        """Make the tables, and people with a contact each."""
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", interactive=False, verbosity=0)
        from config.prepare import collect_static

        collect_static()
        self.settle(people)

    def start(self, name: str, *, cwd: Path = ROOT, **environment: str) -> subprocess.Popen[bytes]:
        """Start a process of the Procfile; `web` answers once this returns."""
        process = subprocess.Popen(
            ["sh", "-c", self.commands[name]],
            cwd=cwd,
            env=self.environment | environment,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        self.running.append(process)
        if name == "web":
            port = int(environment.get("PORT", self.port))
            assert wait_until(lambda: self.status(port=port), 60), self.log()
        return process

    def stop(self, process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> None:
        """End a process and all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self.running.remove(process)

    def status(self, path: str = "/healthz", *, port: int = 0, seconds: float = 5) -> int:
        """Return what an address answers, 0 where nobody does."""
        client = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=seconds)
        headers = {"Cookie": self.cookies[0]} if self.cookies else {}
        try:
            client.request("GET", path, headers=headers)
            return client.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            client.close()

    def log(self) -> str:
        """Return what the processes have written."""
        return Path(self._log.name).read_text(errors="replace")

    def close(self) -> None:
        """End everything, and remove the folder."""
        from django.db import connections

        from config import embedded

        for process in list(self.running):
            self.stop(process, signal.SIGKILL)
        self._log.close()
        connections.close_all()
        embedded.stop()
        if self._folder:
            self._folder.cleanup()
