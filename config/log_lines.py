"""Log lines, for people or as JSON: who asked for what, by ids alone.

Whatever runs Annals writes through here: web processes, workers and beat (Celery leaves logging as
it is), granian's main process (it has loaded Annals before it forks) and commands.
"""

import datetime
import logging
from typing import Any

import orjson
from celery import current_task

from activity.context import current
from config.logs import OURS
from config.masking import chain, described, masked, route_of, unquoted


class Formatter(logging.Formatter):
    """Writes a line for people, without what is personal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the whole entry: level, message, request, and the errors with their places."""
        lines = [f"{record.levelname} {record.name}: {message_of(record)}"]
        told = getattr(record, "told", {})
        if "ms" in told:
            lines[0] += f" in {told['ms']} ms"
        if request := told.get("request_id", request_id_of(record)):
            lines[0] += f" (request {request})"
        for error in chain(record.exc_info[1] if record.exc_info else None):
            told = described(error)
            lines.append(f"{told['type']}: {told['text']}".rstrip(": "))
            lines += [f"    {place}" for place in told["stack"]]
        return "\n".join(lines)


class JsonFormatter(logging.Formatter):
    """Writes one JSON object on one line, without what is personal."""

    def format(self, record: logging.LogRecord) -> str:
        """Return it: `time`, `level`, `logger`, `message`, what acts, and `errors` where it failed.

        What acts: `request_id`, `user`, `channel` and `route` of the activity context; `caused_by`,
        the request's id where it is a task, whose name is its route; `task_id`.
        """
        at = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        line: dict[str, Any] = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message_of(record),
        }
        context = current()
        if request_id := request_id_of(record):
            line["request_id"] = request_id
        if context.channel != "system":
            line["channel"] = context.channel
            told = {"user": context.actor_id, "caused_by": context.parent, "route": context.route}
            line |= {name: value for name, value in told.items() if value}
        if current_task:
            line["task_id"] = current_task.request.id
        line |= getattr(record, "told", {})
        if record.exc_info and record.exc_info[1]:
            line["errors"] = [described(error) for error in chain(record.exc_info[1])]
        return orjson.dumps(line, default=str).decode()


def request_id_of(record: logging.LogRecord) -> Any:
    """Return the id of the request or task that a record tells of, None where there is none."""
    context = current()
    if context.channel != "system":
        return context.id
    # Django tells of a refused request once its middleware, and so its context, is left.
    return getattr(getattr(record, "request", None), "request_id", None)


def message_of(record: logging.LogRecord) -> str:
    """Return the words of a record; of a request its page, not its path, which may be personal."""
    args: Any = record.args
    if request := getattr(record, "request", None):
        # Django's last word is the path.
        words = record.msg % (*args[:-1], f"{request.method} {route_of(request)}")
        return unquoted(words)
    if isinstance(args, tuple):
        args = tuple(unquoted(str(arg)) if isinstance(arg, BaseException) else arg for arg in args)
    words = str(record.msg) % args if args else str(record.msg)
    # What others say may quote what a request held, or what a task was given.
    return masked(words) if record.name.partition(".")[0] in OURS else unquoted(words)
