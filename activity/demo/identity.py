"""Chance and ids that are the same whenever the same demo is made again."""

import hashlib
import random
from uuid import UUID

BASE = 1_735_689_600_000  # milliseconds from 1970 to 2025: where the time in these ids begins


def identity(seed: int, noun: str, number: int) -> UUID:
    """Return the UUIDv7 of the numbered thing; higher numbers sort higher."""
    digest = hashlib.blake2b(f"{seed}:{noun}:{number}".encode(), digest_size=10).digest()
    value = (BASE + number) << 80 | int.from_bytes(digest)
    value = value & ~(0xF << 76) | 7 << 76
    return UUID(int=value & ~(3 << 62) | 2 << 62)


def chance(seed: int, purpose: str) -> random.Random:
    """Return a source of chance of its own for a purpose, so that one doesn't disturb another."""
    return random.Random(f"{seed}:{purpose}")  # noqa: S311 - nothing is kept secret by it
