"""A process of `make run` that is started again when it ends though nobody asked it to."""

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from multiprocessing.connection import wait
from typing import Any

from honcho.process import Process

from config import preloaded

# A process that ends sooner than this has not started. If it never did, it would only end again.
TOO_SHORT_SECONDS = 5
LONGEST_PAUSE_SECONDS = 8  # before a process is started that ended sooner than that


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
