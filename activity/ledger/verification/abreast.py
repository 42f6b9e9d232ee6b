"""Reads the log in several processes at once, all of which see it as it is at one moment.

Most of a verification is hashing, which one process does no faster than one core can.
"""

from array import array
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import AbstractContextManager
from multiprocessing import get_context
from typing import Any, NamedTuple

import django
from django.db import connection, transaction

from activity.ledger.merkle import HASH_BYTES
from activity.ledger.verification.rows import SealedRow, sealed_rows

PIECE = 256 * 64  # leaves that a process reads at a time
WORTHWHILE = 200_000  # leaves, below which the processes take longer to begin than they save


class Piece(NamedTuple):
    """Leaves as they are sent between processes: with the rows of those alone that do not hold."""

    events: array
    leaves: bytes
    odd: dict[int, SealedRow]

    def rows(self, start: int) -> Iterator[SealedRow]:
        """Yield the rows again."""
        for place, event in enumerate(self.events):
            if row := self.odd.get(place):
                yield row
            else:
                leaf = self.leaves[place * HASH_BYTES : (place + 1) * HASH_BYTES]
                yield SealedRow(start + place, event, leaf, leaf, True)


class Readers(AbstractContextManager):
    """Processes that read ahead. Begin within the transaction whose moment they are to see."""

    def __init__(self, processes: int) -> None:
        """Begin that many."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            self._moment = cursor.fetchone()[0]
        self._name = connection.settings_dict["NAME"]
        self._pool = ProcessPoolExecutor(processes, get_context("spawn"), django.setup)
        self._ahead = processes + 1
        self._coming: dict[tuple[int, int], Future[Piece]] = {}

    def __exit__(self, *error: object) -> None:
        """End them."""
        self._pool.shutdown(cancel_futures=True)

    def rows(self, epoch: int, start: int, end: int, size: int) -> Iterator[SealedRow]:
        """Yield what `sealed_rows` does, and have read on what follows, up to a size."""
        while start < end:
            ahead = start
            for _process in range(self._ahead):
                past = min(ahead - ahead % PIECE + PIECE, size)
                if ahead < past and (epoch, ahead) not in self._coming:
                    task = self._pool.submit(read, self._name, self._moment, epoch, ahead, past)
                    self._coming[epoch, ahead] = task
                ahead = past
            yield from self._coming.pop((epoch, start)).result().rows(start)
            start = min(start - start % PIECE + PIECE, size)


def read(name: str, moment: str, epoch: int, start: int, end: int) -> Piece:
    """Return the leaves of an epoch from `start` to `end`, as they are at an exported moment.

    `name` is that of the database.
    """
    if connection.settings_dict["NAME"] != name:
        connection.settings_dict["NAME"] = name
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET TRANSACTION SNAPSHOT %s", [moment])
        return packed(sealed_rows(epoch, start, end), start)


def packed(rows: Iterator[SealedRow], start: int) -> Piece:
    """Return rows as they are sent."""
    events, leaves, odd = array("q"), list[bytes](), dict[int, Any]()
    for place, row in enumerate(rows):
        position, event, leaf, computed, payload_fits = row
        events.append(event)
        leaves.append(leaf[:HASH_BYTES].ljust(HASH_BYTES))
        regular = position == start + place and computed == leaf and payload_fits
        if not regular or len(leaf) != HASH_BYTES:
            odd[place] = row
    return Piece(events, b"".join(leaves), odd)
