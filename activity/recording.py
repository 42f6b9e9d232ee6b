"""Writes events, and the versions of the rows they are about. Nothing else does."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import rfc8785
from django.db import connection, models
from django.utils import timezone
from uuid_utils.compat import uuid7

from activity.catalogue import CATALOGUE
from activity.context import Context, current

_WRITE = """
WITH origin AS (
    INSERT INTO activity_origin
        (id, started_at, channel, route, actor_type, actor_id, parent, address, user_agent)
    SELECT * FROM unnest(%s::uuid[], %s::timestamptz[], %s::text[], %s::text[], %s::text[],
                         %s::uuid[], %s::uuid[], %s::inet[], %s::text[])
    ON CONFLICT (id) DO NOTHING
)
INSERT INTO activity_event
    (uid, verb, version, occurred_at, actor_type, actor_id, object_type, object_id, contact_id,
     origin_id, payload, salt, commitment, dedup_key)
SELECT uid, verb, 1, occurred_at, actor_type, actor_id, object_type, object_id, contact_id,
       origin_id, payload::jsonb, salt, commitment, dedup_key
FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[], %s::text[], %s::uuid[], %s::text[],
            %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::bytea[], %s::bytea[],
            %s::text[]) WITH ORDINALITY
    AS event (uid, verb, occurred_at, actor_type, actor_id, object_type, object_id, contact_id,
              origin_id, payload, salt, commitment, dedup_key, position)
ORDER BY position
RETURNING id
"""


@dataclass(frozen=True)
class Draft:
    """An event about to be written. `object_id` None stands for every row of `object_type`."""

    verb: str
    object_type: str
    object_id: UUID | None
    contact_id: UUID | None
    payload: dict[str, Any]
    dedup_key: str | None = None
    context: Context | None = None  # where it comes from, if not from the context in force


def write(drafts: Sequence[Draft]) -> list[int]:
    """Write the events in one statement and return their ids, in the same order.

    Payloads may hold strings, booleans, None, whole numbers below 2^53, lists and objects. Raises
    KeyError for a verb that the catalogue does not list, and IntegrityError for a `dedup_key` that
    is taken.
    """
    here = current()
    origins: dict[UUID, tuple[Any, ...]] = {}
    events: list[tuple[Any, ...]] = []
    for draft in drafts:
        context = draft.context or here
        actor = None if context.actor is None else str(context.actor)
        payload = rfc8785.dumps(_clean({"actor": actor, **draft.payload}))
        salt = secrets.token_bytes(32)
        origins[context.id] = (
            context.id, context.started_at, context.channel, context.route[:200],
            context.actor_type, context.actor_id, context.parent, context.address,
            context.user_agent,
        )  # fmt: skip
        events.append((
            uuid7(), CATALOGUE[draft.verb].verb, context.clock(), context.actor_type,
            context.actor_id, draft.object_type, draft.object_id, draft.contact_id, context.id,
            payload.decode(), salt, hmac.digest(salt, payload, "sha256"), draft.dedup_key,
        ))  # fmt: skip
    columns = (*zip(*origins.values(), strict=True), *zip(*events, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [list(column) for column in columns])
        return [row[0] for row in cursor.fetchall()]


def _clean(value: Any) -> Any:
    """Return the value as JSON can carry it through PostgreSQL: without NUL and lone surrogates."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_clean(str(key)): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value


def keep_versions(model: type[models.Model], ids: Sequence[Any], *, new: bool, reason: str) -> None:
    """Copy the rows as they stand in the database into the model's history, in one statement.

    The database's own row is the truth: an instance may be stale, or hold only some of the fields.
    """
    history = model.history.model  # type: ignore[attr-defined]
    names = [connection.ops.quote_name(field.column) for field in history.tracked_fields]
    columns = ", ".join(names)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {history._meta.db_table} ({columns},"  # noqa: S608 - names of our own
            " history_date, history_type, history_user_id, history_change_reason)"
            f" SELECT {columns}, %s, %s, %s, %s FROM {model._meta.db_table} WHERE id = ANY(%s)",
            [timezone.now(), "+" if new else "~", current().actor_id, reason, list(ids)],
        )
