"""Programs that begin with Annals loaded already: `python -m config.preloaded granian ...`.

Loading Annals takes some 80 MB and two seconds. What is forked from a process that has done it
shares that memory, and begins at once. Only Linux forks safely with everything loaded; elsewhere
each program loads Annals by itself, as it does without this module.
"""

import gc
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

import django
from django.conf import settings
from django.urls import get_resolver

from config.celery import app as celery

CAN_FORK = sys.platform == "linux"
# What the programs of the Procfile import later, beside Annals itself.
MODULES = (
    "activity.live.stream",
    "billiard.pool",
    "celery.app.control",
    "celery.app.log",
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.bin.celery",
    "celery.concurrency.thread",
    "celery.events.receiver",
    "celery.worker.autoscale",
    "celery.worker.components",
    "celery.worker.consumer",
    "celery.worker.strategy",
    "dbm.dumb",
    "granian.asgi",
    "granian.cli",
    "kombu.matcher",
    "kombu.transport.redis",
)


def load() -> None:
    """Load Annals and its programs, and keep the garbage collector off what was loaded.

    The collector would write to all of it, which copies the pages that processes share. The pages'
    handler itself is made by each web process: it looks for static files, which come later.
    """
    multiprocessing.set_start_method("fork", force=True)
    gc.disable()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    for name in (*MODULES, *(path.rpartition(".")[0] for path in settings.MIDDLEWARE)):
        import_module(name)
    get_resolver()._populate()
    celery.loader.import_default_modules()
    celery.finalize()
    gc.collect()
    gc.freeze()
    gc.enable()


class Fork:
    """A module that runs as `python -m` would, in a process forked from this one.

    It offers what honcho uses of subprocess.Popen: pid, stdout, returncode and wait.
    """

    def __init__(
        self, words: Sequence[str], env: Mapping[str, str], *, name: str, errors: bool = True
    ) -> None:
        """Start the module `words[0]` with the other words as its arguments.

        `name` is what `ps -o comm` shows; `errors` sends standard error along with the output.
        """
        self.returncode: int | None = None
        self._lock = threading.Lock()
        reader, writer = os.pipe()
        self._process = multiprocessing.get_context("fork").Process(
            target=_become, args=(list(words), dict(env), name, writer, errors)
        )
        self._process.start()
        os.close(writer)
        self.stdout = os.fdopen(reader, "rb")
        # Who ends a process by its group must not find it in ours.
        self.stdout.readline()

    @property
    def pid(self) -> int:
        """Return the process's id, which is its group's as well."""
        return self._process.pid

    def wait(self) -> int:
        """Return the exit status once the process has ended; several threads may ask."""
        with self._lock:
            self._process.join()
            self.returncode = self._process.exitcode
        return self.returncode


def words_of(command: str, env: Mapping[str, str], cwd: str) -> list[str]:
    """Return the words of a Procfile's `exec python -m ...`, with its variables filled in."""
    words = command.partition("python -m ")[2].removeprefix("config.preloaded ")
    shown = subprocess.run(
        ["sh", "-c", f"printf '%s\\0' {words}"], env=env, cwd=cwd, capture_output=True, check=True
    )
    return shown.stdout.decode().split("\0")[:-1]


def _become(words: list[str], env: dict[str, str], name: str, writer: int, errors: bool) -> None:
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    Path("/proc/self/comm").write_text(f"annals-{name}")
    os.write(writer, b"\n")
    os.dup2(writer, 1)
    if errors:
        os.dup2(writer, 2)
    os.close(writer)
    sys.stdout.reconfigure(line_buffering=True)
    os.environ.clear()
    os.environ.update(env)
    run(words)


def run(words: list[str]) -> None:
    """Run the module `words[0]` in this process with the other words as its arguments."""
    sys.argv = words
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    if CAN_FORK:
        load()
    run(sys.argv[1:])
