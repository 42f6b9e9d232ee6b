"""Making a demo in a test, and reading what it tells."""

from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import connection

from activity.models import ActivityEvent


def seed(**arguments: Any) -> str:
    """Make a demo and return what the command said, with what waits for COMMIT checked."""
    out = StringIO()
    call_command("seed_demo", stdout=out, **arguments)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    return out.getvalue()


def story() -> list[tuple[Any, ...]]:
    """Return all that happened: what, to whom, and what it says."""
    rows = ActivityEvent.objects.order_by("id").values_list("verb", "object_id", "payload")
    return [(verb, object_id, _without_secrets(payload)) for verb, object_id, payload in rows]


def _without_secrets(payload: dict[str, Any] | None) -> dict[str, Any] | None:
    return payload and {name: value for name, value in payload.items() if name != "fingerprints"}
