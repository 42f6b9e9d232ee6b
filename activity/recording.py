"""Writes events, and the versions of the rows they are about. Nothing else does."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, models
from uuid_utils.compat import uuid7

from activity.canonical import canonical, commitment
from activity.catalogue import CATALOGUE
from activity.context import Context, current
from activity.models import ActivityOrigin

_WRITE = """
WITH origin AS (
    INSERT INTO activity_origin
        (id, started_at, channel, route, actor_type, actor_id, parent, address, user_agent)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (id) DO NOTHING
)
INSERT INTO activity_event
    (uid, verb, version, occurred_at, actor_type, actor_id, object_type, object_id, contact_id,
     origin_id, channel, payload, salt, commitment, dedup_key)
SELECT uid, verb, 1, occurred_at, actor_type, actor_id, object_type, object_id, contact_id,
       origin_id, channel, payload::jsonb, salt, commitment, dedup_key
FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[], %s::text[], %s::uuid[], %s::text[],
            %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::bytea[],
            %s::bytea[], %s::text[]) WITH ORDINALITY
    AS event (uid, verb, occurred_at, actor_type, actor_id, object_type, object_id, contact_id,
              origin_id, channel, payload, salt, commitment, dedup_key, position)
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
    KeyError for a verb that the catalogue does not list, TypeError or ValueError for a payload that
    holds anything else, and IntegrityError for a `dedup_key` that is taken.
    """
    here = current()
    elsewhere = {draft.context.id: draft.context for draft in drafts if draft.context}
    if elsewhere:
        rows = [ActivityOrigin(**_origin(context)) for context in elsewhere.values()]
        ActivityOrigin.objects.bulk_create(rows, ignore_conflicts=True)
    columns: list[tuple[Any, ...]] = []
    for draft in drafts:
        context = draft.context or here
        actor = str(context.actor) if context.actor is not None else None
        payload = _clean({"actor": actor, **draft.payload})
        salt = secrets.token_bytes(32)
        columns.append((
            uuid7(), CATALOGUE[draft.verb].verb, context.clock(), context.actor_type,
            context.actor_id, draft.object_type, draft.object_id, draft.contact_id, context.id,
            context.channel, canonical(payload).decode(), salt, commitment(salt, payload),
            draft.dedup_key,
        ))  # fmt: skip
    with connection.cursor() as cursor:
        parameters = [*_origin(here).values(), *map(list, zip(*columns, strict=True))]
        cursor.execute(_WRITE, parameters)
        return [row[0] for row in cursor.fetchall()]


def _origin(context: Context) -> dict[str, Any]:
    return {
        "id": context.id,
        "started_at": context.started_at,
        "channel": context.channel,
        "route": context.route[:200],
        "actor_type": context.actor_type,
        "actor_id": context.actor_id,
        "parent": context.parent,
        "address": context.address,
        "user_agent": context.user_agent,
    }


def _clean(value: Any) -> Any:
    """Return the value as JSON can carry it through PostgreSQL: without NUL and lone surrogates.

    Raises TypeError for what a payload may not hold. Fractions are among it: 1e16 would come back
    as a whole number. So are keys beyond ASCII, which not all of the world sorts alike.
    """
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_key(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    raise TypeError(f"A payload cannot hold {value!r}: write it as text.")


def _key(key: Any) -> str:
    if not (str(key).isascii() and str(key).isprintable()):
        raise TypeError(f"A payload's names are printable ASCII, {key!r} is not.")
    return str(key)


def keep_versions(
    model: type[models.Model],
    ids: Sequence[Any],
    *,
    new: bool,
    reason: str,
    contexts: Sequence[Context] = (),
) -> None:
    """Copy the rows as they stand in the database into the model's history, in one statement.

    The database's own row is the truth: an instance may be stale, or hold only some of the fields.
    `contexts` says who changed each row and when, where that is not the context in force.
    """
    history = model.history.model
    names = [connection.ops.quote_name(field.column) for field in history.tracked_fields]
    columns = ", ".join(names)
    changes = contexts or [current()] * len(ids)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {history._meta.db_table} ({columns},"  # noqa: S608 - names of our own
            " history_date, history_user_id, history_type, history_change_reason)"
            f" SELECT {columns}, changed_at, changed_by, %s, %s FROM {model._meta.db_table}"
            " JOIN unnest(%s::uuid[], %s::timestamptz[], %s::uuid[])"
            " AS kept (pk, changed_at, changed_by) ON id = pk",
            [
                "+" if new else "~",
                reason,
                list(ids),
                [context.clock() for context in changes],
                [context.actor_id for context in changes],
            ],
        )
