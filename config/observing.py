"""What each request and task leaves for whoever runs Annals: a line in the log, and its numbers."""

import logging
import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from celery import Task
from celery.signals import task_postrun, task_prerun
from django.http import HttpRequest

from accounts.origin import is_from_proxy
from activity.context import Context, current, enter, keeping
from config.counting import count_task, route_name
from config.operations.workers import note_run

logger = logging.getLogger(__name__)

# What a proxy may call a request: what is longer, or reads like words, is not its id.
PROXY_ID = re.compile(r"[0-9a-fA-F-]{16,64}")
# When each task that runs began, by its id, and in which context: that is left before it ends.
_began: dict[str, tuple[float, Context]] = {}


class RequestMiddleware:
    """Gives each request an id, and notes what it asked for and what became of it.

    The id is that of the activity context, and therefore of the origin of whatever the request
    writes. It stands in each of its log lines, goes along with the tasks that it causes, and in
    X-Request-ID to whoever asked. This comes before all other middleware, so that what these
    refuse has an id as well.
    """

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> Any:
        """Answer, and note it once the answer is made; of a file, once it is sent."""
        began = time.perf_counter()
        with keeping():
            request.request_id = enter(channel="web").id
            response = self.get_response(request)
        response.headers["X-Request-ID"] = str(request.request_id)
        # The event loop sends files (config/answering.py): these parts would keep it from that.
        if response.streaming and not getattr(response, "file_to_stream", None):
            response.streaming_content = _noting(
                iter(response.streaming_content), request, response.status_code, began
            )
        else:
            _note(request, response.status_code, began)
        return response


def _noting(parts: Iterator[bytes], request: HttpRequest, status: int, began: float) -> Any:
    try:
        yield from parts
    finally:
        _note(request, status, began)


def _note(request: HttpRequest, status: int, began: float) -> None:
    """Write the line of a request: ids and the page's name, nothing that was typed."""
    seconds = time.perf_counter() - began
    if not logger.isEnabledFor(logging.INFO):
        return
    route = route_name(request)
    told: dict[str, Any] = {
        "request_id": request.request_id,
        "method": request.method,
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 1),
    }
    if match := request.resolver_match:
        ids = {name: value for name, value in match.kwargs.items() if isinstance(value, UUID | int)}
        told |= {"ids": ids} if ids else {}
    if context := getattr(request, "activity", None):
        told |= {"channel": context.channel}
        told |= {"user": context.actor_id} if context.actor_id else {}
    if named := _named_by_proxy(request):
        told["proxy_request_id"] = named
    logger.info("%s %s %s", request.method, route, status, extra={"told": told})


def _named_by_proxy(request: HttpRequest) -> str:
    """Return what a trusted proxy calls the request; it is never used as a key."""
    named = request.headers.get("X-Request-ID", "")
    return named if PROXY_ID.fullmatch(named) and is_from_proxy(request) else ""


@task_prerun.connect
def note_start(task_id: str, task: Task, **kwargs: Any) -> None:
    """Note that a task begins, with the request that caused it; Celery calls this."""
    _began[task_id] = time.perf_counter(), current()
    logger.info("%s begins", task.name, extra={"told": {"task_id": task_id}})


@task_postrun.connect
def note_end(task_id: str, task: Task, state: str, **kwargs: Any) -> None:
    """Note how a task ended, and how long it took."""
    began, context = _began.pop(task_id)
    seconds = time.perf_counter() - began
    count_task(task.name, state, seconds)
    note_run(task.name, state, seconds)
    told: dict[str, Any] = {
        "request_id": context.id,
        "route": task.name,
        "task_id": task_id,
        "state": state,
        "ms": round(seconds * 1000, 1),
    }
    more = {"caused_by": context.parent, "user": context.actor_id}
    told |= {name: value for name, value in more.items() if value}
    logger.info("%s ends: %s", task.name, state, extra={"told": told})
