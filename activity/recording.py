"""Writes events, and the versions of the rows they are about. Nothing else does."""

import functools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import orjson
from django.db import connections, models
from django.db.backends.postgresql.base import ServerBindingCursor
from psycopg import pq
from uuid_utils.compat import uuid7

from activity.canonical import commitment_to
from activity.catalogue import CATALOGUE
from activity.context import Context, current
from activity.live import news
from activity.models import ActivityOrigin
from activity.models.notification import FOLLOWED, TELL_FOLLOWERS
from activity.payload import text_of

_ORIGIN = """INSERT INTO activity_origin
    (id, started_at, channel, route, actor_type, actor_id, parent, address, user_agent)
VALUES (%(origin_id)s, %(started_at)s, %(channel)s, %(route)s, %(actor_type)s, %(actor_id)s,
        %(parent)s, %(address)s, %(user_agent)s)
ON CONFLICT (id) DO NOTHING"""
_EVENT = """INSERT INTO activity_event
    (uid, verb, version, occurred_at, actor_type, actor_id, object_type, object_id, contact_id,
     origin_id, channel, payload, salt, commitment, dedup_key)"""
_ONE = f"""{_EVENT}
VALUES (%(uid)s, %(verb)s, 1, %(occurred_at)s, %(actor_type)s, %(actor_id)s, %(object_type)s,
        %(object_id)s, %(contact_id)s, %(origin_id)s, %(channel)s, %(payload)s, %(salt)s,
        %(commitment)s, %(dedup_key)s)"""
_MANY = f"""{_EVENT}
SELECT uid, verb, 1, occurred_at, actor_type, actor_id, object_type, object_id, contact_id,
       origin_id, channel, payload, decode(salt, 'hex'), decode(commitment, 'hex'), dedup_key
FROM ROWS FROM (jsonb_to_recordset(%s::jsonb) AS (
        uid uuid, verb text, occurred_at timestamptz, actor_type text, actor_id uuid,
        object_type text, object_id uuid, contact_id uuid, origin_id uuid, channel text,
        payload jsonb, salt text, commitment text, dedup_key text
    )) WITH ORDINALITY
    AS event (uid, verb, occurred_at, actor_type, actor_id, object_type, object_id, contact_id,
              origin_id, channel, payload, salt, commitment, dedup_key, position)
ORDER BY position"""  # noqa: S608 - our own text
# Events that those hear of who follow their contacts; without any, nobody is looked for.
_TOLD = """written AS (
{event}
RETURNING id, verb, occurred_at, actor_id, contact_id, origin_id, channel
), {tell}
SELECT id FROM written ORDER BY id"""
NEW, CHANGED = "+", "~"  # what simple-history calls the types of versions


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
    if len(drafts) == 1:
        return [_write_one(drafts[0], _statement(f"origin AS ({_ORIGIN})", drafts))]
    here = current()
    contexts = {here.id: here} | {d.context.id: d.context for d in drafts if d.context}
    origins = [ActivityOrigin(**origin_row(context)) for context in contexts.values()]
    ActivityOrigin.objects.bulk_create(origins, ignore_conflicts=True)
    events = [event_row(draft, draft.context or here) for draft in drafts]
    for event in events:
        event["payload"] = orjson.Fragment(event["payload"])
        event["salt"], event["commitment"] = event["salt"].hex(), event["commitment"].hex()
    with binding_cursor() as cursor:
        cursor.execute(_statement("", drafts), [orjson.dumps(events).decode()])
        ids = [pk for (pk,) in cursor.fetchall()]
    news.tell(drafts, ids)
    return ids


def write_with_version(draft: Draft, model: type[models.Model], *, new: bool) -> int:
    """Write the event of one row, keep the version that it made, and return the event's id.

    Both are one statement, which the database plans once: see `write` and `keep_versions`.
    """
    return _write_one(draft, _statement(_with_version(model, NEW if new else CHANGED), [draft]))


def _statement(first: str, drafts: Sequence[Draft]) -> str:
    """Return the statement that does `first`, if anything, and writes one event or many."""
    event = _ONE if len(drafts) == 1 else _MANY
    told = any(draft.contact_id and draft.verb in FOLLOWED for draft in drafts)
    return _put_together(first, event, told)


@functools.cache
def _put_together(first: str, event: str, told: bool) -> str:
    if told:
        event = _TOLD.format(event=event, tell=TELL_FOLLOWERS)
        return f"WITH {first},\n{event}" if first else f"WITH {event}"
    return f"WITH {first}\n{event}\nRETURNING id" if first else f"{event}\nRETURNING id"


def _write_one(draft: Draft, statement: str) -> int:
    context = draft.context or current()
    origin = origin_row(context)
    origin["origin_id"] = origin.pop("id")
    origin["changed_by"] = context.actor_id if context.actor_type == "user" else None
    with binding_cursor() as cursor:
        cursor.execute(statement, origin | event_row(draft, context))
        event = cursor.fetchone()[0]
    news.tell([draft], [event])
    return event


def binding_cursor(*, binary: bool = False) -> Any:
    """Return a cursor that sends values beside the text, and has what repeats prepared.

    Django's own put them into the text, which is then escaped, parsed and planned each time. A
    `binary` one takes what it reads as the database holds it, instead of as text.
    """
    connection, cursor_class = connections["default"], cast(Any, ServerBindingCursor)
    connection.ensure_connection()
    cursor = cursor_class(connection.connection)
    cursor.format = pq.Format.BINARY if binary else pq.Format.TEXT
    return connection._prepare_cursor(cursor)


def origin_row(context: Context) -> dict[str, Any]:
    """Return the columns of a context's row in activity_origin."""
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


def event_row(draft: Draft, context: Context) -> dict[str, Any]:
    """Return the columns of an event that is about to be written, with a salt of its own."""
    actor = str(context.actor) if context.actor is not None else None
    payload = text_of({"actor": actor, **draft.payload})
    salt = secrets.token_bytes(32)
    return {
        "uid": uuid7(),
        "verb": CATALOGUE[draft.verb].verb,
        "occurred_at": context.clock(),
        "actor_type": context.actor_type,
        "actor_id": context.actor_id,
        "object_type": draft.object_type,
        "object_id": draft.object_id,
        "contact_id": draft.contact_id,
        "origin_id": context.id,
        "channel": context.channel,
        "payload": payload.decode(),
        "salt": salt,
        "commitment": commitment_to(salt, payload),
        "dedup_key": draft.dedup_key,
    }


@functools.cache
def _copied(model: type[models.Model]) -> tuple[str, str]:
    """Return the table of a model's versions, and the columns that they take from its rows."""
    history = model.history.model
    quoted = connections["default"].ops.quote_name
    return history._meta.db_table, ", ".join(quoted(f.column) for f in history.tracked_fields)


@functools.cache
def _with_version(model: type[models.Model], kind: str) -> str:
    history, columns = _copied(model)
    return f"""origin AS ({_ORIGIN}), version AS (
    INSERT INTO {history} ({columns},
        history_date, history_user_id, history_type, history_change_reason)
    SELECT {columns}, %(occurred_at)s, %(changed_by)s, '{kind}', %(verb)s
    FROM {model._meta.db_table} WHERE id = %(object_id)s)"""  # noqa: S608 - names of our own


def keep_versions(model: type[models.Model], ids: Sequence[Any], *, new: bool, reason: str) -> None:
    """Copy the rows as they stand in the database into the model's history, in one statement.

    The database's own row is the truth: an instance may be stale, or hold only some of the fields.
    """
    history, columns = _copied(model)
    here = current()
    actor = here.actor_id if here.actor_type == "user" else None
    with connections["default"].cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {history} ({columns},"  # noqa: S608 - names of our own
            " history_date, history_user_id, history_type, history_change_reason)"
            f" SELECT {columns}, %s, %s, %s, %s FROM {model._meta.db_table} WHERE id = ANY(%s)",
            [here.clock(), actor, NEW if new else CHANGED, reason, list(ids)],
        )
