"""Chance and ids that are the same whenever the same demo is made again."""

import hashlib
import random
from datetime import datetime, timedelta
from uuid import UUID

BASE = 1_735_689_600_000  # milliseconds from 1970 to 2025: where the time in these ids begins
_FREE, _FIXED = (1 << 80) - 1 & ~(0xF << 76 | 3 << 62), 7 << 76 | 2 << 62
MILLISECOND = timedelta(milliseconds=1)


def identity(seed: int, noun: str, number: int) -> UUID:
    """Return the UUIDv7 of the numbered thing; higher numbers sort higher."""
    digest = hashlib.blake2b(f"{seed}:{noun}:{number}".encode(), digest_size=10).digest()
    return UUID(int=_uuid7(BASE + number, int.from_bytes(digest)))


def passing(at: datetime) -> UUID:
    """Return a UUIDv7 of that time for what has another id each time the demo is made."""
    return UUID(int=_uuid7(int(at.timestamp() * 1000), random.getrandbits(80)))


def chance(seed: int, purpose: str) -> random.Random:
    """Return a source of chance of its own for a purpose, so that one doesn't disturb another."""
    return random.Random(f"{seed}:{purpose}")  # noqa: S311 - nothing is kept secret by it


def _uuid7(milliseconds: int, bits: int) -> int:
    return milliseconds << 80 | bits & _FREE | _FIXED
