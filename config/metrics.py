"""The numbers of Annals for Prometheus, at /metrics: see deploy/prometheus/alerts.yml.

What processes count (config/counting.py) is added up over all that share ANNALS_VAR. What the
database and Redis tell is read anew every few seconds at most, by queries that cost the same at any
size. Each web process answers for all, so that one address is scraped and no number counted twice.
"""

import hmac
import threading
import time
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from activity.ledger.status import State, status
from config.counting import instruments
from config.operations.versions import versions
from config.operations.work import read_mail
from config.operations.workers import read_queues

KEPT_SECONDS = 5  # for which what was read is told again
PATIENCE = 2_000  # milliseconds that each query of the database may take


@login_not_required
@never_cache
@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with all numbers; 404 to whoever does not know METRICS_TOKEN."""
    asked = request.headers.get("Authorization", "").encode()
    known = f"Bearer {settings.METRICS_TOKEN}".encode()
    if not settings.METRICS_TOKEN or not hmac.compare_digest(asked, known):
        raise Http404
    places = instruments().places
    places.forget_dead()
    registry = CollectorRegistry(auto_describe=False)
    MultiProcessCollector(registry, str(places.folder))
    registry.register(shared)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Shared:
    """What the database and Redis tell: the same whichever process is asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read: list[Metric] = []
        self._read_at = -float("inf")

    def collect(self) -> list[Metric]:
        """Return the numbers, at most KEPT_SECONDS old."""
        with self._lock:
            if time.monotonic() - self._read_at > KEPT_SECONDS:
                self._read = [*_of_redis(), *_of_database()]
                self._read_at = time.monotonic()
            return self._read

    def forget(self) -> None:
        """Read all anew the next time."""
        self._read_at = -float("inf")


shared = Shared()


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"annals_{name}", help_text, value=value)


def _gauges(name: str, help_text: str, label: str, values: Any) -> Metric:
    family = GaugeMetricFamily(f"annals_{name}", help_text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _of_redis() -> Iterator[Metric]:
    queues = read_queues()
    yield _gauge("redis_up", "Whether Redis answers.", queues.is_up)
    yield _gauges("queue_depth", "Nudges that no worker has taken.", "queue", queues.waiting)
    now = time.time()
    seen = {worker.name: now - worker.seen_at.timestamp() for worker in queues.workers}
    lately = [worker for worker in queues.workers if not worker.is_silent]
    yield _gauge("workers", "Workers that were heard of lately.", len(lately))
    yield _gauges(
        "worker_seen_seconds", "Since when nothing was heard of a worker.", "worker", seen
    )
    ran = {
        entry.name: now - entry.ended_at.timestamp() for entry in queues.schedule if entry.ended_at
    }
    yield _gauges("schedule_ended_seconds", "Since when a scheduled task has ended.", "entry", ran)


def _of_database() -> Iterator[Metric]:
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {PATIENCE}")
            found = list(_read_database())
    except Error:
        found = []
    yield _gauge("database_up", "Whether the database answers in time.", bool(found))
    yield from found


def _read_database() -> Iterator[Metric]:
    numbers = {name.lower().replace("annals", "version"): each for name, each in versions().items()}
    yield InfoMetricFamily("annals", "Which versions run.", value=numbers)
    mail = read_mail()
    yield _gauges("deliveries", "Mails under way now.", "state", mail.under_way)
    of_the_day = mail.of_the_day
    yield _gauges("deliveries_day", "Mails written in 24 hours, by state.", "state", of_the_day)
    yield _gauge(
        "delivery_overdue_seconds", "Since when the first mail of the queue is due.", mail.overdue
    )
    sealing = status()
    oldest = sealing.oldest_pending
    lag = (timezone.now() - oldest).total_seconds() if oldest else 0
    yield _gauge("sealing_waiting", "Events to be sealed, 10,001 at most.", sealing.pending)
    yield _gauge("sealing_lag_seconds", "Since when the oldest of them waits.", max(0.0, lag))
    yield _gauges(
        "log",
        "How far the log is proven.",
        "state",
        {each: each == sealing.state for each in State},
    )
