"""Reports errors to Sentry: which error, where, at which page and for which request; no values."""

from typing import Any

import sentry_sdk
from django.conf import settings
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.logging import LoggingIntegration

from activity.context import current
from config.masking import unquoted
from config.operations.versions import version

# Of a report, what says nothing about people; all else is left out.
KEPT = {"event_id", "timestamp", "level", "platform", "release", "environment", "logger", "sdk"}
KEPT_OF_FRAMES = {"filename", "function", "module", "lineno", "in_app"}


def start() -> None:
    """Report from now on, in this process and those that are forked from it."""
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        release=version(),
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        server_name="",
        auto_session_tracking=False,
        default_integrations=False,
        integrations=[
            DjangoIntegration(middleware_spans=False, signals_spans=False),
            CeleryIntegration(),
            LoggingIntegration(level=None),
            DedupeIntegration(),  # what Django reports is logged as well
        ],
        before_send=report,
    )


def report(event: Any, hint: dict[str, Any]) -> Any:
    """Return what is sent of an event: put together anew, so that nothing unknown is in it."""
    context = current()
    found = {name: event[name] for name in KEPT & event.keys()}
    found["transaction"] = context.route
    found["tags"] = {"request_id": str(context.id), "channel": context.channel}
    if context.parent:
        found["tags"]["caused_by"] = str(context.parent)
    if context.actor_id:
        found["user"] = {"id": str(context.actor_id)}
    if message := event.get("logentry", {}).get("message"):
        found["logentry"] = {"message": unquoted(message)}
    if errors := event.get("exception", {}).get("values"):
        found["exception"] = {"values": [_error(each) for each in errors]}
    return found


def _error(told: dict[str, Any]) -> dict[str, Any]:
    frames = (told.get("stacktrace") or {}).get("frames", [])
    kept = [{name: each[name] for name in KEPT_OF_FRAMES & each.keys()} for each in frames]
    return {
        "type": told.get("type"),
        "module": told.get("module"),
        "value": unquoted(str(told.get("value") or "")),
        "stacktrace": {"frames": kept},
    }
