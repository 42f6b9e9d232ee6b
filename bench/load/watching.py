"""What Annals needs while it is used: memory, connections and processor time of each process."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

MB = 1024 * 1024
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"


@dataclass
class Watch:
    """What was seen, sample by sample."""

    manager: psutil.Process
    redis: psutil.Process
    postgres: psutil.Process
    database: dict[str, str]
    at: list[float] = field(default_factory=list)  # seconds
    memory: list[dict[str, float]] = field(default_factory=list)  # PSS in MB by process
    connections: list[int] = field(default_factory=list)
    seconds: list[dict[str, float]] = field(default_factory=list)  # of processor time, since ever

    def look(self) -> None:
        """Take a sample."""
        found, times = {}, {}
        for process in self._processes():
            with suppress(psutil.Error):
                name = f"{process.name()} {process.pid}"
                found[name] = process.memory_full_info().pss / MB
                times[name] = _seconds(process)
        with suppress(psutil.Error):
            servers = [self.postgres, *self.postgres.children()]
            times["postgres"] = sum(map(_seconds, servers))
        with psycopg.connect(**self.database) as own:
            self.connections.append(own.execute(CONNECTIONS).fetchone()[0] - 1)
        self.at.append(time.monotonic())
        self.memory.append(found)
        self.seconds.append(times)

    @contextmanager
    def going_on(self, every: float) -> Iterator[None]:
        """Take a sample now, each so many seconds while the block runs, and at its end."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(every):
                self.look()

        self.look()
        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            self.look()

    def summary(self) -> dict[str, Any]:
        """Return totals, in MB and connections, and each process at the beginning and the end."""
        totals = [sum(sample.values()) for sample in self.memory]
        warm = totals[len(totals) // 2 :]
        first, last = self.memory[0], self.memory[-1]
        return {
            "memory_mb": {
                "begin": round(totals[0], 1),
                "middle": round(totals[len(totals) // 2], 1),
                "end": round(totals[-1], 1),
                "most": round(max(totals), 1),
                # Over the second half, when everything was used once.
                "growth_of_second_half": round(warm[-1] - warm[0], 1),
            },
            "processes_mb": {
                name: {"begin": round(first.get(name, 0), 1), "end": round(size, 1)}
                for name, size in last.items()
            },
            "connections_most": max(self.connections),
            "processor_seconds": {
                name: round(value - self.seconds[0].get(name, 0), 1)
                for name, value in self.seconds[-1].items()
            },
        }

    def _processes(self) -> list[psutil.Process]:
        return [self.manager, *self.manager.children(recursive=True), self.redis]


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def server_in(folder: Path, name: str) -> psutil.Process:
    """Return the process of that name that runs in a folder. Raises LookupError without one."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if name in process.name() and str(folder) in (process.cwd(), *process.cmdline()):
                return process
    raise LookupError(f"No {name} runs in {folder}.")
