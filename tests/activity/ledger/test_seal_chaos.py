"""Writers and sealers that die at random, in small; `python -m tests.faults.seal` is the whole."""

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection

from activity.ledger import anchors, sealing
from tests.faults.sealing import count, cut, seal_one, session, write_one

WRITERS, SEALERS, TRANSACTIONS = 3, 3, 12


@pytest.mark.django_db(transaction=True)
def test_nothing_is_missed_and_nothing_forks_where_writers_and_sealers_die(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sealing, "BATCH", 10)
    done = threading.Event()

    def writer(seed: int) -> list[int]:
        chance = random.Random(seed)  # noqa: S311
        try:
            return [key for _each in range(TRANSACTIONS) for key in write_one(chance, 0.05)]
        finally:
            connection.close()

    def sealer(seed: int) -> list[str]:
        chance, seen = random.Random(seed), []  # noqa: S311
        while not done.wait(0.01):
            seal_one(chance, partial(cut, session()))
            seen.append(anchors.latest())
        connection.close()
        return [note for note in seen if note]

    with ThreadPoolExecutor(WRITERS + SEALERS) as threads:
        sealers = [threads.submit(sealer, seed) for seed in range(SEALERS)]
        writers = [threads.submit(writer, seed) for seed in range(100, 100 + WRITERS)]
        committed = [key for each in writers for key in each.result()]
        done.set()
        seen = [note for each in sealers for note in each.result()]
    sealing.seal_pending()
    counted = count(committed, seen)
    assert committed
    assert counted.is_sound, counted
