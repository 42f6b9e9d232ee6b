"""Whether Annals lives and can work, for load balancers and process managers."""

from typing import Any

import redis
from celery.signals import heartbeat_sent, worker_shutdown
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import replica
from activity.checks import weaknesses
from config.operations import workers

WORKER_SEEN = "annals.worker_seen"


@heartbeat_sent.connect
def note_worker(sender: Any = None, **kwargs: object) -> None:
    """Note that a worker lives: Celery calls this in the worker at each of its heartbeats."""
    with workers.client() as client:
        client.set(WORKER_SEEN, 1, ex=workers.SILENT_SECONDS)
        if sender:
            client.hset(workers.WORKERS, sender.eventer.hostname, workers.told())


@worker_shutdown.connect
def forget_worker(sender: Any, **kwargs: object) -> None:
    """Forget a worker that ends as it should: Celery calls this."""
    workers.forget(sender.hostname)


def _of_replica() -> list[str]:
    """Return, as a sentence, why pages are not read from the replica that is named for it."""
    if replica.ALIAS not in settings.DATABASES:
        return []
    replica.follower.has()
    return [replica.follower.problem] if replica.follower.problem else []


@login_not_required
@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer that this process lives, whatever becomes of the others."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer which parts work: 200 where all do, else 503.

    `warnings` are sentences about what works, and is less safe than it could be.
    """
    warnings: list[str] = []
    parts = {"database": False, "redis": False, "worker": False}
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        parts["database"] = True
        warnings = [*weaknesses(), *_of_replica()]
    except Error:
        pass
    try:
        with workers.client() as client:
            parts["redis"] = bool(client.ping())
            parts["worker"] = bool(client.exists(WORKER_SEEN))
    except redis.RedisError:
        pass
    status = 200 if all(parts.values()) else 503
    return JsonResponse({**parts, "warnings": warnings}, status=status)
