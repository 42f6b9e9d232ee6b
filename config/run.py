"""Annals as a whole on one machine: `make run`, or `python -m config.run`."""

import contextlib
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import IO, Any

from honcho.environ import parse_procfile
from honcho.manager import SIGNALS, Manager
from honcho.printer import Message, Printer

from config import embedded, preloaded
from config.restarting import Restarted

ROOT = Path(__file__).resolve().parent.parent
END_SECONDS = 30  # for all processes to finish what they are at; then they are killed
# Celery warns of what make run is for: trying Annals out, in a container perhaps.
QUIET = "ignore:You're running the worker with superuser privileges"


def main() -> None:
    """Run until Ctrl-C or SIGTERM. Exits with one sentence where Annals cannot run."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    try:
        port = port_from_environment()
        lock = take_lock(f"http://127.0.0.1:{port}")
        refuse_busy(port)
        embedded.start()
        processes = Processes(port)
        processes.load()
        processes.prepare()
        processes.loop()
        lock.close()
        sys.exit(processes.exit_status())
    except embedded.Unavailable as problem:
        sys.exit(str(problem))
    except OSError as error:
        sys.exit(str(embedded.explain(error)))
    except KeyboardInterrupt:
        sys.exit(130)


def port_from_environment() -> int:
    """Return PORT as a number. Raises Unavailable where it is none."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise embedded.Unavailable(f'PORT is "{text}": it must be a number from 1 to 65535.')
    return int(text)


def take_lock(address: str) -> IO[str]:
    """Return VAR/run, locked for as long as it stays open and holding our address.

    Raises Unavailable where another run holds it.
    """
    path = embedded.VAR / "run"
    embedded.make(embedded.VAR)
    lock = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise embedded.Unavailable(
            f"Annals is already running at {lock.read() or 'another address'}; to run another one "
            "beside it, name another folder and port: make run ANNALS_VAR=/tmp/annals PORT=8001"
        ) from None
    lock.truncate()
    lock.write(address)
    lock.flush()
    return lock


def refuse_busy(port: int) -> None:
    """Raise Unavailable where the port cannot be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((os.environ.get("GRANIAN_HOST", "127.0.0.1"), port))
        except PermissionError:
            raise embedded.Unavailable(
                f"Port {port} is reserved: choose another one, as in make run PORT=8001"
            ) from None
        except OSError as error:
            raise embedded.Unavailable(
                f"Port {port} is taken by another program ({error.strerror}): stop that one, or "
                f"choose another port, as in make run PORT={free_port()}"
            ) from None


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PatientPrinter(Printer):
    """Prints as long as somebody reads: a closed terminal or pipe stops nothing."""

    def write(self, message: Message) -> None:
        """Print a line of a process with the process's name before it."""
        with contextlib.suppress(OSError):
            super().write(message)


class Processes(Manager):
    """Web, worker and beat, as the Procfile names them."""

    def __init__(self, port: int) -> None:
        super().__init__(PatientPrinter())
        self._port, self._ends_at = port, 0.0
        self._process_ctor = Restarted
        # What is forked has read the settings already, so they have to be here as well.
        os.environ |= {
            "PORT": str(port),
            "ANNALS_VAR": str(embedded.VAR),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": QUIET,
        }
        self._environment = dict(os.environ)
        procfile = parse_procfile((ROOT / "Procfile").read_text())
        for name, command in procfile.processes.items():
            self.add_process(name, command, env=self._environment, cwd=str(ROOT))

    def load(self) -> None:
        """Load Annals once, for all the processes that are forked from this one."""
        if preloaded.CAN_FORK:
            warnings.filterwarnings("ignore", QUIET.partition(":")[2])
            preloaded.load()

    def prepare(self) -> None:
        """Bring database, static files and demo data up to date, in a process that then ends."""
        if preloaded.CAN_FORK:
            words, name = ["config.prepare"], "prepare"
            child: Any = preloaded.Fork(words, self._environment, name=name, errors=False)
        else:
            words = [sys.executable, "-m", "config.prepare"]
            child = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE)
        try:
            self._notes = child.stdout.read().decode()
        except BaseException:  # Ctrl-C: it would complain of the servers that end meanwhile
            os.kill(child.pid, signal.SIGTERM)
            child.wait()
            raise
        if status := child.wait():
            sys.exit(status)

    def terminate(self) -> None:
        """Ask every process to end, and none to start again."""
        for process in self._processes.values():
            process["obj"].stopping.set()
        self._ends_at = self._ends_at or time.monotonic() + END_SECONDS
        super().terminate()

    def kill(self) -> None:
        """Kill what has not ended in time; honcho asks for it earlier, again and again."""
        if time.monotonic() > self._ends_at:
            super().kill()

    def exit_status(self) -> int:
        """Return 0 after Ctrl-C or SIGTERM, 1 where a process ended and could not stay up."""
        return 0 if self.returncode in {known["rc"] for known in SIGNALS.values()} else 1

    def _start(self) -> None:
        super()._start()
        threading.Thread(target=self._greet, daemon=True).start()
        threading.Thread(target=embedded.watch, daemon=True).start()

    def _system_print(self, data: str) -> None:
        """Leave out honcho's own account of pids and signals, but say why everything stops."""
        if "stopped (rc=" in data and not self._terminating:
            name = data.partition(" ")[0]
            self._say(f"Annals stops, as {name} ended right after its start; see its lines above.")

    def _say(self, text: str) -> None:
        with contextlib.suppress(OSError):
            print(text, flush=True)  # noqa: T201  the console is what make run talks through

    def _greet(self) -> None:
        """Say where Annals is, once it answers."""
        while not self._terminating:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
            try:
                connection.request("GET", "/healthz")
                connection.getresponse()
            except OSError:
                time.sleep(0.05)
            else:
                self._say(f"\nAnnals runs at http://127.0.0.1:{self._port}\n{self._notes}")
                return
            finally:
                connection.close()


if __name__ == "__main__":
    main()
