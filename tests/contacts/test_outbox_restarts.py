"""What is queued gets out, whatever becomes of workers, queue and beat in the meantime."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from celery.contrib.testing.worker import start_worker
from django.db import transaction
from django.test import Client
from django.utils import timezone
from kombu import pools

from config.celery import app
from config.embedded import redis
from contacts.broker import Broker
from contacts.models import Delivery, delivery_query
from contacts.models.delivery_query import TASK
from contacts.tasks import deliver, sweep_deliveries
from tests.contacts.outbox import ana, message, mia, state
from tests.faults.outbox import Count, Processes, SlowServer
from tests.smtp import Server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def broker_is_there() -> Iterator[None]:
    Broker.away_until = 0.0
    yield
    Broker.away_until = 0.0


def forget_connections() -> None:
    """Let Celery connect anew, to the broker that its configuration names now."""
    pools.reset()
    current_app._pool = None
    current_app.amqp._producer_pool = None


@contextmanager
def broker_at(url: str) -> Iterator[None]:
    """Have Celery use another broker, and wait half a second for its answers."""
    conf = current_app.conf
    before = conf.broker_url, conf.broker_transport_options
    conf.broker_url = url
    conf.broker_transport_options = {**conf.broker_transport_options, "socket_timeout": 0.5}
    forget_connections()
    try:
        yield
    finally:
        conf.broker_url, conf.broker_transport_options = before
        forget_connections()


@contextmanager
def silent_server() -> Iterator[str]:
    """Listen, take connections, and never say a word; yield the address as Redis's."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def later(**by: float) -> None:
    """Let time pass for all that waits."""
    passed = timedelta(**by)
    for each in Delivery.objects.all():
        Delivery.objects.filter(pk=each.pk).update(
            due_at=each.due_at - passed, nudged_at=each.nudged_at - passed
        )


def test_what_is_undone_is_neither_mailed_nor_nudged_for(smtp: Server) -> None:
    contact = ana()
    with pytest.raises(RuntimeError), transaction.atomic():
        message(contact)
        raise RuntimeError("undone")
    assert not Delivery.objects.exists()
    assert Broker.waiting(TASK) == 0


def test_a_worker_sends_what_it_is_nudged_for_once_its_grace_is_over(smtp: Server) -> None:
    with start_worker(current_app, perform_ping_check=False, pool="solo", loglevel="ERROR"):
        delivery = message(grace=timedelta(seconds=1))
        while state(delivery) != "sent":
            assert timezone.now() < delivery.created_at + timedelta(seconds=60)
            time.sleep(0.02)
    assert delivery.claimed_at >= delivery.due_at
    assert len(smtp.received) == 1


@pytest.mark.parametrize("away", ["unix", "silent"])
def test_a_queue_that_is_away_neither_fails_nor_holds_up_who_writes(away: str, caplog: Any) -> None:
    with silent_server() as silent:
        address = silent if away == "silent" else "redis+socket:///nowhere/redis.sock"
        with broker_at(address):
            contact = ana()
            start = time.monotonic()
            queued = [message(contact) for _ in range(20)]
            assert time.monotonic() - start < 10  # each would take 2 seconds
            sweep_deliveries()
            assert Broker.waiting(TASK) is None
    assert {state(each) for each in queued} == {"queued"}
    assert caplog.text.count("The queue is away") <= 2


def test_a_sweep_without_a_queue_does_nothing_and_a_later_one_goes_on(smtp: Server) -> None:
    with broker_at("redis+socket:///nowhere/redis.sock"):
        delivery = message()
        later(minutes=2)
        Broker.away_until = 0.0
        sweep_deliveries()
    sweep_deliveries()
    assert Broker.waiting(TASK) is None
    Broker.away_until = 0.0
    sweep_deliveries()
    assert Broker.waiting(TASK) == 1
    deliver(str(delivery.pk))
    assert state(delivery) == "sent"


def test_what_an_emptied_queue_has_lost_is_nudged_for_again() -> None:
    delivery, waiting = message(), message(grace=timedelta(minutes=5))
    current_app.control.purge()
    sweep_deliveries()
    assert Broker.waiting(TASK) == 0
    later(minutes=2)
    sweep_deliveries()
    assert Broker.waiting(TASK) == 1
    sweep_deliveries()
    assert Broker.waiting(TASK) == 1
    assert {state(delivery), state(waiting)} == {"queued"}


def test_what_was_put_off_is_nudged_for_as_soon_as_it_is_due() -> None:
    [delivery, _token] = Delivery.claim(message().pk)
    delivery.postpone("The server is down.")
    current_app.control.purge()
    sweep_deliveries()
    assert Broker.waiting(TASK) == 0
    Delivery.objects.update(due_at=timezone.now())
    Delivery.objects.update(nudged_at=delivery.created_at)
    sweep_deliveries()
    assert Broker.waiting(TASK) == 1


def test_without_workers_the_queue_does_not_grow_for_ever(monkeypatch: Any) -> None:
    monkeypatch.setattr(delivery_query, "SWEPT_AT_ONCE", 20)
    contact = ana()
    for _ in range(15):
        message(contact)
    for _hour in range(10):
        later(hours=1)
        sweep_deliveries()
    assert Broker.waiting(TASK) == 20


def test_beat_runs_tasks_that_there_are_and_lets_go_of_those_nobody_ran() -> None:
    schedule = app.conf.beat_schedule
    assert {entry["task"] for entry in schedule.values()} <= set(current_app.tasks)
    often = [e for e in schedule.values() if isinstance(e["schedule"], int)]
    assert len(often) >= 4
    for entry in often:
        assert entry["options"]["expires"] > entry["schedule"]


def test_sweeps_do_not_wait_behind_what_they_would_find() -> None:
    route = current_app.amqp.router.route({}, "contacts.tasks.sweep_deliveries")
    assert route["queue"].name == "sweeps"
    assert current_app.amqp.router.route({}, TASK)["queue"].name == "mail"
    assert set(current_app.amqp.queues.consume_from) == {"celery", "mail", "sweeps"}


def test_killed_workers_and_an_emptied_queue_lose_nothing_and_send_nothing_twice(
    tmp_path: Any, client: Client, monkeypatch: Any
) -> None:
    """A small version of tests/faults/kill_workers.py."""
    monkeypatch.setattr(delivery_query, "PATIENCE", timedelta(seconds=1))
    server = SlowServer(delay=0.1)
    server.start()
    processes = Processes.of_tests(tmp_path, EMAIL_URL=f"smtp://127.0.0.1:{server.port}")
    contact, author = ana(), mia()
    for _ in range(60):  # all wait before the first leaves, however fast the workers are
        message(contact, author=author)
    workers = [processes.start("worker") for _ in range(3)]
    try:
        for doomed in workers[:2]:
            enough = server.taken.total() + 5
            wait_for(lambda enough=enough: server.taken.total() >= enough)
            processes.kill(doomed)
        redis.stop()
        (redis.DATA / "dump.rdb").unlink(missing_ok=True)
        for _ in range(10):
            message(contact, author=author)
        redis.start()
        wait_for(lambda: not Count.of(server).unended, sweeping=True)
        assert workers[2].poll() is None
        parts = {"database": True, "redis": True, "worker": True}
        assert client.get("/readyz").json().items() >= parts.items()
    finally:
        server.stop()
        processes.kill_all()
    count = Count.of(server)
    assert count.problems == []
    assert sum(count.states.values()) == 70
    assert count.states.get("uncertain", 0) <= 4  # half of the four threads of each


def wait_for(true: Any, *, sweeping: bool = False, seconds: float = 180) -> None:
    """Wait until that is true, with a sweep now and then as beat would have it."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        if sweeping:
            Broker.away_until = 0.0
            sweep_deliveries()
        time.sleep(0.1)
