"""Whether this process was asked to end: what takes long hands back what is left of it."""

import threading
from typing import Any

from celery.signals import worker_shutting_down

ending = threading.Event()


@worker_shutting_down.connect
def note(**kwargs: Any) -> None:
    """Note that this worker takes on nothing more, and waits for what it is at."""
    ending.set()
