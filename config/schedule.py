"""What beat remembers of its last rounds: the file that Celery keeps, so that no full disk ends it.

Celery's own needs room on the disk to begin and to go on, and a beat that is killed while it writes
leaves a file that cannot be read. This one is replaced as a whole; where it cannot be, beat knows
what it did for as long as it lives.
"""

import logging
import pickle
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery.beat import PersistentScheduler

logger = logging.getLogger(__name__)
TOLERANCE = timedelta(seconds=1)


class Memory(dict[str, Any]):
    """The content of the file at `path`, read when it is made."""

    def __init__(self, path: Path) -> None:
        """Raise whatever says that the file cannot be read; the scheduler then makes a new one."""
        self._path = path
        super().__init__(pickle.loads(path.read_bytes()) if path.exists() else {})  # noqa: S301  ours

    def sync(self) -> None:
        """Write it down, as far as that can be done."""
        unfinished = self._path.with_name(f"{self._path.name}.part")
        try:
            unfinished.write_bytes(pickle.dumps(dict(self)))
            unfinished.replace(self._path)
        except OSError as error:
            logger.warning("Beat cannot note what it did, and goes on: %s", error.strerror)

    close = sync


class Persistence:
    """Opens the file, in the way of the module `shelve`."""

    @staticmethod
    def open(filename: str, writeback: bool) -> Memory:
        """Return what the file holds, nothing where there is none."""
        return Memory(Path(filename))


class Schedule(PersistentScheduler):
    """The scheduler of beat (`beat_scheduler`)."""

    persistence = Persistence

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Do what is due; return in how many seconds to look again.

        Celery would wait until it is as late again as when a task ran last: after a clock that went
        ahead was set back by three hours, for three hours.
        """
        now = self.app.now()
        ahead = [each for each in self.schedule.values() if each.last_run_at > now + TOLERANCE]
        for entry in ahead:
            entry.last_run_at = now
        if ahead:
            logger.warning("The clock was set back; beat goes on from now.")
            self._heap = None
        return super().tick(*args, **kwargs)
