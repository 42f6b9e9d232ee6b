"""Reads what was sealed, and computes anew what its leaf must be.

It does not use `activity.leaf`: it takes the bytes as the database sends them, which is a second
way to the same hash, and several times as fast. A test holds the two together.
"""

import functools
from binascii import unhexlify
from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple

import orjson
from django.db import connection

from activity.canonical import canonical

# Ids come as JSON, ready to be hashed.
_ROWS = """
COPY (
    SELECT leaf.index, leaf.event_id, leaf.hash, event.id, event.version, event.uid, event.verb,
           event.occurred_at, event.recorded_at,
           event.actor_type, coalesce('"' || event.actor_id || '"', 'null'),
           event.object_type, coalesce('"' || event.object_id || '"', 'null'),
           coalesce('"' || event.contact_id || '"', 'null'),
           coalesce('"' || event.origin_id || '"', 'null'),
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
SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0
"""
_UNSET = """
RESET enable_hashjoin; RESET enable_mergejoin; RESET enable_sort; RESET jit;
RESET max_parallel_workers_per_gather
"""
_NULL = b"\\N"
_ERASED = b"\\N\n"  # in the last column
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))
_WHOLE = len(b"2026-05-06 12:00:00.123456+00")
_LEAF = (
    b'\x00{"actor":{"id":%b,"type":%b},"commitment":"%b","contact":%b,"object":{"id":%b,"type":%b},'
    b'"occurred":"%bT%bZ","origin":%b,"recorded":"%bT%bZ","uid":"%b","v":%b,"verb":%b}'
)


class SealedRow(NamedTuple):
    """A leaf as it is stored, and the hash that its event has; None where there is no event.

    `payload_fits` tells whether the payload is the one that the event is committed to. An erased
    one fits.
    """

    position: int
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
                yield _row(bytes(line).split(b"\t"))
        cursor.execute(_UNSET)


def _row(columns: list[bytes]) -> SealedRow:
    (
        index, event_id, leaf, found, version, uid, verb, occurred, recorded, actor_type, actor,
        object_type, object_id, contact, origin, committed, salt, payload,
    ) = columns  # fmt: skip
    if found == _NULL:
        return SealedRow(int(index), int(event_id), unhexlify(leaf[3:]), None, True)
    if len(occurred) != _WHOLE:
        occurred = _whole(occurred)
    if len(recorded) != _WHOLE:
        recorded = _whole(recorded)
    committed = committed[3:]
    data = _LEAF % (
        actor, _text(actor_type), committed, contact, object_id, _text(object_type),
        occurred[:10], occurred[11:26], origin, recorded[:10], recorded[11:26], uid, version,
        _text(verb),
    )  # fmt: skip
    fits = payload == _ERASED or _fits(payload, salt, committed)
    return SealedRow(int(index), int(event_id), unhexlify(leaf[3:]), sha256(data).digest(), fits)


def _fits(payload: bytes, salt: bytes, committed: bytes) -> bool:
    """Tell whether HMAC-SHA256 (RFC 2104) of the payload, keyed by the salt, is what is committed.

    Written out, it takes half the time that the library takes for such short texts.
    """
    if b"\\" in payload:
        payload = payload.replace(b"\\\\", b"\\")
    try:
        text = canonical(orjson.loads(payload))
    except (TypeError, ValueError):  # a payload that Annals does not write
        return False
    key = unhexlify(salt[3:]).ljust(64, b"\x00")
    inner = sha256(key.translate(_INNER) + text).digest()
    return sha256(key.translate(_OUTER) + inner).hexdigest().encode() == committed


def _whole(moment: bytes) -> bytes:
    """Return a moment with all six digits of its microseconds."""
    return b"%b.%b+00" % (moment[:19], moment[20:-3].ljust(6, b"0"))


@functools.lru_cache(1_000)
def _text(column: bytes) -> bytes:
    """Return a text, which the database escapes in its way, as JSON does it."""
    if b"\\" in column:
        column = column.decode("unicode_escape").encode("latin-1")
    return orjson.dumps(column.decode())
