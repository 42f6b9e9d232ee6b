"""What the trials of the outbox are made of: a slow mail server, workers to kill, and a count."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import connection
from honcho.environ import parse_procfile

from tests.smtp import Server

ROOT = Path(__file__).resolve().parent.parent.parent


class SlowServer(Server):
    """A mail server that takes its time before it has a mail, and before it says so.

    `taken` counts the mails it has by Message-ID; `delay` is how long each of the two takes at
    most, in seconds.
    """

    def __init__(self, delay: float) -> None:
        super().__init__()
        self.taken: Counter[str] = Counter()
        self.delay = delay
        self.random = random.Random()  # noqa: S311

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:
        """Take the mail, whatever becomes of the one who sends it."""
        await asyncio.sleep(self.random.uniform(0, self.delay))
        self.taken[message_from_bytes(envelope.content)["Message-ID"]] += 1
        await asyncio.sleep(self.random.uniform(0, self.delay))
        return "250 OK"


class Processes:
    """Processes of the Procfile, to be killed as a power cut kills them: at once."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.commands = parse_procfile((ROOT / "Procfile").read_text()).processes
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self.environment = os.environ | {"PATH": path} | environment
        self.log = log.open("ab")
        self.running: list[subprocess.Popen[bytes]] = []

    @classmethod
    def of_tests(cls, folder: Path, **environment: str) -> Self:
        """Return those that use the database and the Redis of the tests; they log into `folder`."""
        base = connection.settings_dict
        where = {"host": base["HOST"], **({"port": base["PORT"]} if base["PORT"] else {})}
        account = f"{base['USER']}:{base['PASSWORD']}"
        url = f"postgres://{account}@/{base['NAME']}?{urlencode(where)}"
        servers = {"DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL}
        return cls(servers | environment, folder / "processes.log")

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start one of them."""
        process = subprocess.Popen(
            ["sh", "-c", self.commands[name]],
            cwd=ROOT,
            env=self.environment,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        self.running.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """Kill one."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.running.remove(process)

    def kill_all(self) -> None:
        """Kill what still runs."""
        for process in list(self.running):
            self.kill(process)
        self.log.close()


@dataclass(frozen=True)
class Count:
    """What became of all mails of the outbox, and what the server has of them."""

    states: dict[str, int]
    duplicates: list[str]  # Message-IDs that the server took more than once
    lost: list[str]  # of mails noted as sent that it never took
    unended: int  # mails that are still queued or being sent
    arrived: int  # of the uncertain ones, those that the server took

    @classmethod
    def of(cls, server: SlowServer) -> "Count":
        """Count now."""
        from contacts.models import Delivery

        rows = Delivery.objects.values_list("mail_id", "state")
        states = Counter(state for _mail_id, state in rows)
        return cls(
            states=dict(states),
            duplicates=[mail_id for mail_id, times in server.taken.items() if times > 1],
            lost=[m for m, state in rows if state == "sent" and m not in server.taken],
            unended=states["queued"] + states["sending"],
            arrived=sum(m in server.taken for m, state in rows if state == "uncertain"),
        )

    @property
    def problems(self) -> list[str]:
        """Return what should not be, as sentences; nothing where all is well."""
        found: dict[str, Any] = {
            "mails were taken twice": len(self.duplicates),
            "mails are noted as sent and never arrived": len(self.lost),
            "mails are neither sent nor uncertain": sum(
                count for state, count in self.states.items() if state not in {"sent", "uncertain"}
            ),
        }
        return [f"{count} {what}" for what, count in found.items() if count]
