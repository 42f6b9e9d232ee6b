"""What each process counts for /metrics, where METRICS_TOKEN asks for it; nothing otherwise.

Processes count into files under ANNALS_VAR/metrics, which whichever process is asked adds up: of
all web processes, workers and containers that share the folder. A process takes the first free of
numbered places, whose lock the kernel takes back however it ends, so that the one which comes after
it counts on where it stopped, and the files do not grow in number.
"""

import fcntl
import os
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import MiddlewareNotUsed
from django.db import connection
from django.dispatch import receiver
from django.http import HttpRequest
from prometheus_client import Counter, Gauge, Histogram, values

from activity.live.stream import stream_count
from contacts.models.changes import delivery_moved

METHODS = {"GET", "HEAD", "POST"}  # others are counted together: anybody can make some up
REQUEST_BUCKETS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10)  # seconds, as all of them
TASK_BUCKETS = (0.1, 1, 10, 60, 600)
DELAY_BUCKETS = (1, 5, 15, 60, 300, 1800, 3 * 3600, 24 * 3600)
POOL_SECONDS = 1  # between two looks at the pool


class Places:
    """The numbered places of a folder, and which of them this process has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pid: int | None = None
        self._place: tuple[str, IO[str]] | None = None

    def mine(self) -> str:
        """Return the number of this process's place; one that was forked takes another."""
        if self._pid != os.getpid():
            with self._locked():
                self._place, self._pid = self._take(), os.getpid()
        return self._place[0]

    def forget_dead(self) -> None:
        """Take away what processes that are gone had under way: nothing of it is any more."""
        with self._locked():
            for path in self.folder.glob("*.place"):
                if file := _held(path):
                    self._forget_living(path.stem)
                    file.close()

    def _take(self) -> tuple[str, IO[str]]:
        paths = sorted(self.folder.glob("*.place"))
        held = {path: file for path in paths if (file := _held(path))}
        if len(held) == len(paths):  # the first one to come: all counting begins anew
            for path in self.folder.glob("*.db"):
                path.unlink()
        if held:
            path, file = held.popitem()
        else:
            path = self.folder / f"{len(paths)}.place"
            file = _held(path)
        for other in held.values():
            other.close()
        self._forget_living(path.stem)
        return path.stem, file

    def _forget_living(self, number: str) -> None:
        for path in self.folder.glob(f"gauge_live*_{number}.db"):
            path.unlink()

    def _locked(self) -> IO[str]:
        """Return the folder's lock, to be closed."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (self.folder / "lock").open("a")
        fcntl.flock(file, fcntl.LOCK_EX)
        return file


def _held(path: Path) -> IO[str] | None:
    """Return a place's file with its lock held; None where a living process has it."""
    file = path.open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


class Instruments:
    """What is counted."""

    def __init__(self, folder: Path) -> None:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
        self.places = Places(folder)
        values.ValueClass = values.MultiProcessValue(self.places.mine)
        living: Any = {"registry": None, "multiprocess_mode": "livesum"}
        self.requests = Histogram(
            "annals_http_request_duration_seconds",
            "How long requests took until their answer began, by page and class of status.",
            ["route", "method", "status"],
            buckets=REQUEST_BUCKETS,
            registry=None,
        )
        self.in_progress = Gauge(
            "annals_http_requests_in_progress", "Requests that are being answered.", **living
        )
        self.throttled = Counter(
            "annals_throttled_requests", "Answers with status 429.", ["route"], registry=None
        )
        self.failed_sign_ins = Counter(
            "annals_sign_in_failures", "Tries to sign in with what is not right.", registry=None
        )
        self.streams = Gauge("annals_live_streams", "Open pages that are told of news.", **living)
        self.pool = Gauge(
            "annals_database_pool",
            "Connections to the database (size, available), requests that wait for one, and how "
            "many got none in time (timeouts), of all living processes.",
            ["what"],
            **living,
        )
        self.tasks = Histogram(
            "annals_task_duration_seconds",
            "How long tasks took, by name and how they ended.",
            ["task", "state"],
            buckets=TASK_BUCKETS,
            registry=None,
        )
        self.delays = Histogram(
            "annals_delivery_delay_seconds",
            "How long after it was written a mail was taken by a mail server.",
            buckets=DELAY_BUCKETS,
            registry=None,
        )
        self._pool_seen = -POOL_SECONDS * 1.0

    def note_pool(self) -> None:
        """Note how the process's connections are, once in a while."""
        now = time.monotonic()
        if now - self._pool_seen < POOL_SECONDS or not connection.pool:
            return
        self._pool_seen = now
        stats = connection.pool.get_stats()
        self.pool.labels("size").set(stats["pool_size"])
        self.pool.labels("available").set(stats["pool_available"])
        self.pool.labels("waiting").set(stats["requests_waiting"])
        self.pool.labels("timeouts").set(stats.get("requests_errors", 0))


@cache
def instruments() -> Instruments:
    """Return what this process counts with."""
    return Instruments(settings.ANNALS_VAR / "metrics")


class CountingMiddleware:
    """Counts requests by page, method and class of status, and measures them."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        if not settings.METRICS_TOKEN:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        """Answer, and count it."""
        counted = instruments()
        began = time.perf_counter()
        with counted.in_progress.track_inprogress():
            response = self.get_response(request)
        route = route_name(request)
        method = request.method if request.method in METHODS else "other"
        status = f"{response.status_code // 100}xx"
        counted.requests.labels(route, method, status).observe(time.perf_counter() - began)
        if response.status_code == 429:
            counted.throttled.labels(route).inc()
        counted.note_pool()
        return response


@receiver(user_login_failed)
def count_failed_sign_in(**kwargs: Any) -> None:
    """Count a try to sign in."""
    if settings.METRICS_TOKEN:
        instruments().failed_sign_ins.inc()


@receiver(stream_count)
def count_streams(count: int, **kwargs: Any) -> None:
    """Note how many streams the process has."""
    if settings.METRICS_TOKEN:
        instruments().streams.set(count)


@receiver(delivery_moved)
def count_delivery(delivery: Any, **kwargs: Any) -> None:
    """Note how long a mail took that has just been sent, but not again where it is reported."""
    if settings.METRICS_TOKEN and delivery.state == "sent" and not delivery.delivered_at:
        delay = (delivery.finished_at - delivery.created_at).total_seconds()
        instruments().delays.observe(max(0.0, delay))


def count_task(name: str, state: str, seconds: float) -> None:
    """Count a task that has ended, and measure it."""
    if settings.METRICS_TOKEN:
        counted = instruments()
        counted.tasks.labels(name, state).observe(seconds)
        counted.note_pool()


def route_name(request: HttpRequest) -> str:
    """Return the name of the page that was asked for, as in `{% url %}`; "static" or "none"."""
    if request.resolver_match:
        return request.resolver_match.view_name or "unnamed"
    return "static" if request.path.startswith(settings.STATIC_URL) else "none"
