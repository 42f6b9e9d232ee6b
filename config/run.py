"""Annals as a whole on one machine: `make run`, or `python -m config.run`."""

import contextlib
import fcntl
import http.client
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import warnings
from multiprocessing.connection import wait
from pathlib import Path
from typing import IO, Any

from honcho.environ import parse_procfile
from honcho.manager import SIGNALS, Manager
from honcho.printer import Message, Printer
from honcho.process import Process

from config import embedded, preloaded

ROOT = Path(__file__).resolve().parent.parent
# A process that ends sooner than this has not started. If it never did, it would only end again.
TOO_SHORT_SECONDS = 5
LONGEST_PAUSE_SECONDS = 8  # before a process is started that ended sooner than that
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


class Restarted(Process):
    """A process that is started again when it ends though nobody asked it to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if preloaded.CAN_FORK:
            self._child_ctor = self._fork
        self.stopping = multiprocessing.Event()
        self._again, self._has_started, self._pause = True, False, 0.0

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        """Run the process, and again; honcho calls this in a process of its own."""
        # The manager ends us when it is time. A handler, because the processes that we start would
        # inherit it if we ignored the signals.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        threading.Thread(target=self._end_with_manager, daemon=True).start()
        while self._again:
            self._again = False
            super().run(events)
            if self._again and self.stopping.wait(self._pause):
                self._again = False
                super()._send_message({"returncode": self._child.returncode}, "stop")

    def _fork(self, command: str, env: dict[str, str], cwd: str) -> preloaded.Fork:
        words = preloaded.words_of(command, env, cwd)
        return preloaded.Fork(words, env, name=self.name)

    def _send_message(self, data: Any, type: str = "line") -> None:
        if type == "start":
            self._started = time.monotonic()
            threading.Thread(target=self._clear_away, args=[self._child], daemon=True).start()
        if type == "stop" and not self.stopping.is_set() and self._may_start_again(data):
            self._again = True
            type, data = "line", "ended unexpectedly and is started again"
        super()._send_message(data, type)

    def _may_start_again(self, ended: dict[str, int]) -> bool:
        """Tell whether it would not only end again, and set the pause before that.

        What ended by itself before it had ever started lacks something. What was killed does not.
        """
        if time.monotonic() - self._started > TOO_SHORT_SECONDS:
            self._has_started, self._pause = True, 0.0
        else:
            self._pause = min(2 * self._pause or 1.0, LONGEST_PAUSE_SECONDS)
        return self._has_started or ended["returncode"] < 0

    def _clear_away(self, child: Any) -> None:
        """End what the process leaves behind when it is killed: its workers hold its port."""
        child.wait()
        self._signal(child, signal.SIGKILL)

    def _end_with_manager(self) -> None:
        """End the process when the manager was killed and cannot do it."""
        wait([multiprocessing.parent_process().sentinel])
        self.stopping.set()
        self._signal(self._child, signal.SIGTERM)

    def _signal(self, child: Any, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, number)


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
        self._notes = child.stdout.read().decode()
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
