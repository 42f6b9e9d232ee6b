"""Reads what was sealed, and computes anew what its leaf must be.

It does not use `activity.leaf`: it takes the bytes as the database sends them, which is a second
way to the same hash, and several times as fast. A test holds the two together.
"""

import functools
import hmac
from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple

import orjson
from django.db import connection

from activity.canonical import commitment

_ROWS = """
COPY (
    SELECT leaf.index, leaf.event_id, leaf.hash, event.id, event.version, event.uid, event.verb,
           event.occurred_at, event.recorded_at, event.actor_type, event.actor_id,
           event.object_type, event.object_id, event.contact_id, event.origin_id,
           event.commitment, event.salt, event.payload
    FROM activity_leaf AS leaf LEFT JOIN activity_event AS event ON event.id = leaf.event_id
    WHERE leaf.epoch = %s AND leaf.index >= %s AND leaf.index < %s
    ORDER BY leaf.index
) TO STDOUT
"""
# How the database writes times and bytes, and that it looks events up one by one, leaf by leaf:
# joined and sorted as a whole, a large log would be written to disk once more.
_SETTINGS = """
SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL bytea_output = 'hex';
SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_sort = off;
SET LOCAL jit = off
"""
_UNSET = "RESET enable_hashjoin; RESET enable_mergejoin; RESET enable_sort; RESET jit"
_NULL = b"\\N"
_LEAF = (
    b'\x00{"actor":{"id":%b,"type":%b},"commitment":"%b","contact":%b,"object":{"id":%b,"type":%b},'
    b'"occurred":"%b","origin":%b,"recorded":"%b","uid":"%b","v":%b,"verb":%b}'
)


class SealedRow(NamedTuple):
    """A leaf as it is stored, and the hash that its event has; None where there is no event.

    `payload_fits` tells whether the payload is the one that the event is committed to. An erased
    one fits.
    """

    index: int
    event: int
    leaf: bytes
    computed: bytes | None
    payload_fits: bool


def sealed_rows(epoch: int, start: int, end: int) -> Iterator[SealedRow]:
    """Yield the leaves of an epoch from `start` up to, not including, `end`, in their order.

    The rows stream: memory does not grow with their number. Call it within a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SETTINGS)
        with cursor.copy(_ROWS, [epoch, start, end]) as stream:
            for line in stream:
                yield _row(bytes(line)[:-1].split(b"\t"))
        cursor.execute(_UNSET)


def _row(columns: list[bytes]) -> SealedRow:
    index, event_id, leaf, found, *event = columns
    if found == _NULL:
        return SealedRow(int(index), int(event_id), _bytes(leaf), None, payload_fits=True)
    (
        version, uid, verb, occurred, recorded, actor_type, actor, object_type, object_id, contact,
        origin, committed, salt, payload,
    ) = event  # fmt: skip
    committed = committed[3:]
    data = _LEAF % (
        _id(actor), _text(actor_type), committed, _id(contact), _id(object_id), _text(object_type),
        _moment(occurred), _id(origin), _moment(recorded), uid, version, _text(verb),
    )  # fmt: skip
    fits = payload == _NULL or _fits(payload, salt, committed)
    return SealedRow(int(index), int(event_id), _bytes(leaf), sha256(data).digest(), fits)


def _fits(payload: bytes, salt: bytes, committed: bytes) -> bool:
    try:
        bound = commitment(_bytes(salt), orjson.loads(payload.replace(b"\\\\", b"\\")))
    except (TypeError, ValueError):  # no salt, or a payload that Annals does not write
        return False
    return hmac.compare_digest(bound.hex().encode(), committed)


def _bytes(column: bytes) -> bytes:
    return bytes.fromhex(column[3:].decode())


def _id(column: bytes) -> bytes:
    return b"null" if column == _NULL else b'"%b"' % column


def _moment(column: bytes) -> bytes:
    """Return "2026-05-06 12:00:00.5+00" as leaves write it."""
    return b"%bT%b.%bZ" % (column[:10], column[11:19], column[20:-3].ljust(6, b"0"))


@functools.lru_cache(1_000)
def _text(column: bytes) -> bytes:
    """Return a text, which the database escapes in its way, as JSON does it."""
    if b"\\" in column:
        column = column.decode("unicode_escape").encode("latin-1")
    return orjson.dumps(column.decode())
