"""Workers, the schedule and the queues, as Redis tells of them."""

import datetime
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
import redis
from celery.schedules import crontab
from celery.worker import state
from django.conf import settings

from config.celery import app

WORKERS = "annals.workers"  # a hash: the worker's name -> what it said last
SCHEDULE = "annals.schedule"  # a hash: the schedule's entry -> how its task went last
SILENT_SECONDS = 90  # three times the worker's --heartbeat-interval
FORGOTTEN_SECONDS = 24 * 3600  # after which a worker that says nothing is not shown any more
LATE_ROUNDS = 6  # of an entry's schedule that it may miss, as what waits longer expires
_ENTRIES = {entry["task"]: name for name, entry in app.conf.beat_schedule.items()}


@dataclass(frozen=True)
class Worker:
    """A worker: its name, when it was heard of, and what it had in hand then."""

    name: str
    seen_at: datetime.datetime
    tasks: list[dict[str, Any]]  # of each its `name`, and `since` when it runs

    @property
    def is_silent(self) -> bool:
        """Tell whether it was not heard of for longer than it may be."""
        return _seconds_since(self.seen_at) > SILENT_SECONDS


@dataclass(frozen=True)
class Entry:
    """An entry of the schedule: `ended_at` and `state` of its task's last run, None if unknown."""

    name: str
    every: Any  # seconds, or a crontab
    ended_at: datetime.datetime | None
    state: str
    seconds: float

    @property
    def is_late(self) -> bool:
        """Tell whether it should have run since."""
        if self.ended_at is None:
            return False
        if isinstance(self.every, crontab):
            return _seconds_since(self.ended_at) > 25 * 3600
        return _seconds_since(self.ended_at) > LATE_ROUNDS * max(self.every, 10)

    @property
    def is_well(self) -> bool:
        """Tell whether it ran in time, and did not fail."""
        return not self.is_late and self.state in {"", "SUCCESS"}


@dataclass(frozen=True)
class Queues:
    """What Redis tells; `is_up` is False, and the rest empty, where it does not answer."""

    is_up: bool = False
    version: str = ""
    waiting: Mapping[str, int] = field(default_factory=dict)  # nudges by queue
    workers: list[Worker] = field(default_factory=list)
    schedule: list[Entry] = field(default_factory=list)

    @property
    def has_worker(self) -> bool:
        """Tell whether any worker was heard of lately."""
        return any(not worker.is_silent for worker in self.workers)


def client() -> redis.Redis:
    """Return a client of Redis that waits two seconds at most."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2, protocol=2
    )


def told() -> bytes:
    """Return what the worker of this process tells of itself."""
    now = time.time()
    tasks = [{"name": each.name, "since": each.time_start or now} for each in state.active_requests]
    return orjson.dumps({"at": now, "tasks": tasks})


def note_run(task: str, ended: str, seconds: float) -> None:
    """Note how a task of the schedule ended; others leave nothing here. Without Redis neither."""
    if not (name := _ENTRIES.get(task)):
        return
    told = orjson.dumps({"at": time.time(), "state": ended, "seconds": seconds})
    try:
        with client() as connection:
            connection.hset(SCHEDULE, name, told)
    except redis.RedisError:
        pass


def forget(name: str) -> None:
    """Forget a worker that ends as it should."""
    try:
        with client() as connection:
            connection.hdel(WORKERS, name)
    except redis.RedisError:
        pass


def read_queues() -> Queues:
    """Return what Redis tells, in one round trip."""
    names = [queue.name for queue in app.conf.task_queues]
    try:
        with client() as connection, connection.pipeline(transaction=False) as asked:
            asked.info("server").hgetall(WORKERS).hgetall(SCHEDULE)
            for name in names:
                asked.llen(name)
            server, workers, ran, *lengths = asked.execute()
    except redis.RedisError:
        return Queues()
    return Queues(
        is_up=True,
        version=server.get("valkey_version") or server["redis_version"],
        waiting=dict(zip(names, lengths, strict=True)),
        workers=_workers(workers),
        schedule=_schedule({name.decode(): orjson.loads(told) for name, told in ran.items()}),
    )


def _workers(told: Mapping[bytes, bytes]) -> list[Worker]:
    found = []
    for name, said in sorted(told.items()):
        worker = orjson.loads(said)
        tasks = [each | {"since": _moment(each["since"])} for each in worker["tasks"]]
        found.append(Worker(name.decode(), _moment(worker["at"]), tasks))
    return [each for each in found if _seconds_since(each.seen_at) < FORGOTTEN_SECONDS]


def _schedule(ran: Mapping[str, dict[str, Any]]) -> list[Entry]:
    entries = []
    for name, entry in app.conf.beat_schedule.items():
        last = ran.get(name, {})
        ended_at = _moment(last["at"]) if last else None
        state, seconds = last.get("state", ""), last.get("seconds", 0)
        entries.append(Entry(name, entry["schedule"], ended_at, state, seconds))
    return entries


def _moment(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)


def _seconds_since(moment: datetime.datetime) -> float:
    return time.time() - moment.timestamp()
