"""How many mails a worker sends at a time: half of its threads may wait for a mail server.

One that hangs holds whoever talks to it for EMAIL_TIMEOUT seconds at each step. The other half goes
on with all else.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery.signals import celeryd_after_setup

WAIT_SECONDS = 1  # for a slot; what has none by then comes back with a later sweep


class Slots:
    """The slots of this process; None where it is no worker, as a command sends alone."""

    free: threading.Semaphore | None = None


@celeryd_after_setup.connect
def share_out(instance: Any, **kwargs: object) -> None:
    """Give a worker that starts half as many slots as it has threads, and one at least."""
    Slots.free = threading.Semaphore(max(1, instance.concurrency // 2))


@contextmanager
def slot() -> Iterator[bool]:
    """Hold a slot while the block runs; yield False where none became free within a second."""
    slots = Slots.free
    ours = slots is None or slots.acquire(timeout=WAIT_SECONDS)
    try:
        yield ours
    finally:
        if ours and slots:
            slots.release()
