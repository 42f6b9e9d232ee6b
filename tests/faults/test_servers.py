"""Servers that go away and come back while people work; the long form of each is a script here."""

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connections

from config.cache import RedisOrMemoryCache
from config.embedded import postgres, redis
from contacts.broker import Broker
from tests.faults.disk import upload
from tests.faults.installation import wait_until
from tests.faults.people import Journal, Place, account, at_work
from tests.live import Served

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 30  # for whatever is waited for


@pytest.fixture
def place() -> Iterator[Place]:
    """Return where three people can work, in pages that this process serves."""
    served = Served()
    served.start()
    place = Place(served.port)
    place.settle(3)
    yield place
    served.stop()
    connections.close_all()


def saved(journals: list[Journal]) -> int:
    return sum(len(journal.saved) for journal in journals)


def go_on(journals: list[Journal], count: int = 6) -> None:
    """Wait until so many changes more are saved."""
    enough = saved(journals) + count
    assert wait_until(lambda: saved(journals) >= enough, SECONDS), [j.answers for j in journals]


def test_nothing_is_lost_where_postgres_restarts_under_load(place: Place) -> None:
    with at_work(place) as journals:
        go_on(journals)
        postgres.stop()
        assert wait_until(lambda: any(j.answers["503"] for j in journals), SECONDS)
        postgres.start(durable=False)
        go_on(journals)
    assert account(journals) == []


def test_people_work_on_while_redis_hangs_is_gone_and_is_empty(
    place: Place, redis_client: Any
) -> None:
    with at_work(place) as journals:
        go_on(journals)
        pid = redis_client.info("server")["process_id"]
        os.kill(pid, signal.SIGSTOP)
        go_on(journals)
        os.kill(pid, signal.SIGCONT)
        os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda: not redis.is_running(), SECONDS)
        go_on(journals)
        redis.start()
        redis_client.flushall()
        RedisOrMemoryCache.away_until = Broker.away_until = 0.0
        go_on(journals)
    assert account(journals) == []
    assert {status for journal in journals for status in journal.answers} <= {"200", "303"}


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """Let this process write no larger file, as on a disk that is nearly full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_file_that_the_disk_does_not_take_is_507_and_keeps_nothing(place: Place) -> None:
    from contacts.models import CommentFile

    with no_file_larger_than(1_000_000):
        assert upload(place) == 507
    assert not CommentFile.objects.exists()
    assert upload(place) == 303
    assert CommentFile.objects.count() == 1
