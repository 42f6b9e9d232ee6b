"""Carries the context into tasks: who caused one, and what it follows from.

The message of a task names the acting user (`actor`), the causing context's id (`parent`), and may
name a channel of its own ("import"). The worker opens a context from that for as long as the task
runs.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from celery import Task
from celery.signals import before_task_publish, task_postrun, task_prerun
from django.contrib.auth import get_user_model

from activity.context import Context, acting, current

_open: dict[str, AbstractContextManager[Context]] = {}  # by the id of the task that runs


@before_task_publish.connect
def attach(headers: dict[str, Any], **kwargs: Any) -> None:
    """Write into a task's message who caused it; what the sender said itself stays."""
    for name, value in _caused_by(current()).items():
        headers.setdefault(name, value)


@task_prerun.connect
def open_context(task_id: str, task: Task, **kwargs: Any) -> None:
    """Run the task in the name of who caused it; one that runs on the spot knows by itself."""
    request = task.request
    caused_by = (_caused_by(current()) if request.is_eager else {}) | (request.headers or {})
    actor = caused_by.get("actor")
    context = acting(
        actor=actor and get_user_model().objects.filter(pk=actor).first(),
        channel=caused_by.get("channel", "task"),
        route=task.name,
        parent=caused_by.get("parent"),
    )
    context.__enter__()
    _open[task_id] = context


@task_postrun.connect
def close_context(task_id: str, **kwargs: Any) -> None:
    """Put back the context that was in force before the task."""
    _open.pop(task_id, nullcontext()).__exit__(None, None, None)


def _caused_by(context: Context) -> dict[str, str]:
    ids = {"actor": context.actor_id, "parent": context.channel != "system" and context.id}
    return {name: str(value) for name, value in ids.items() if value}
