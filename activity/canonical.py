"""The one way in which a payload is written down before it is hashed: RFC 8785 (JCS)."""

import hmac
from typing import Any

import orjson

_OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_STRICT_INTEGER
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


def canonical(value: Any) -> bytes:
    """Return the canonical JSON of a value, by RFC 8785.

    Of strings, booleans, None, whole numbers below 2^53, lists, and objects with keys in ASCII,
    orjson writes the very bytes that RFC 8785 asks for, much faster than a library made for it; a
    test compares the two. Raises TypeError for what JSON cannot hold.
    """
    return orjson.dumps(value, option=_OPTIONS)


def commitment(salt: bytes, payload: Any) -> bytes:
    """Return what binds an event to its payload: HMAC-SHA256 (RFC 2104), keyed by the salt.

    It tells nothing about a payload that was erased together with its salt.
    """
    return commitment_to(salt, canonical(payload))


def commitment_to(salt: bytes, text: bytes) -> bytes:
    """Return the commitment to a payload whose canonical JSON is known already."""
    return hmac.digest(salt, text, "sha256")
