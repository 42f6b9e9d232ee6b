"""Prometheus reads how Annals is doing, whichever process it asks, and nobody else does."""

import os
import re
import signal
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from activity.live.stream import Streams, stream_count
from config.counting import Places, count_task, instruments
from config.metrics import shared
from config.operations import workers
from contacts.models import Contact, Delivery
from tests.builders import make_contact, make_user
from tests.contacts.outbox import message

pytestmark = pytest.mark.django_db
TOKEN = "scraped-by-prometheus"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
Read = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(autouse=True)
def token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    shared.forget()


def read(client: Client) -> Read:
    answer = client.get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def value(numbers: Read, name: str, **labels: str) -> float:
    return numbers.get((f"annals_{name}", tuple(sorted(labels.items()))), 0)


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer other"}, {"Authorization": TOKEN}, {"Token": TOKEN}]
)
def test_whoever_does_not_know_the_token_finds_nothing(
    client: Client, headers: dict[str, str]
) -> None:
    assert client.get("/metrics", headers=headers).status_code == 404
    client.force_login(make_user(name="Ada"))
    assert client.get("/metrics", headers=headers).status_code == 404


def test_without_a_token_nothing_is_counted_and_nothing_answers(settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    client = Client()
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    before = [path.read_bytes() for path in instruments().places.folder.glob("*.db")]
    client.get("/healthz")
    count_task("contacts.tasks.deliver", "SUCCESS", 1)
    assert [path.read_bytes() for path in instruments().places.folder.glob("*.db")] == before


def test_requests_are_counted_by_page_method_and_class_of_status(client: Client) -> None:
    before = read(client)
    name = "http_request_duration_seconds_count"
    client.get("/healthz")
    client.get("/healthz")
    client.get("/ana@nowhere.example/")
    client.generic("FROBNICATE", "/healthz")
    after = read(client)

    def more(**labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    assert more(route="live", method="GET", status="2xx") == 2
    assert more(route="none", method="GET", status="4xx") == 1
    assert more(route="live", method="other", status="4xx") == 1
    assert not any("ana" in str(labels) for _name, labels in after)
    # The one that reads it.
    assert value(after, "http_requests_in_progress") == 1


def test_deliveries_are_counted_by_state_and_the_first_in_the_queue_has_an_age(
    client: Client,
) -> None:
    waiting, sent, failed = (
        message(),
        message(make_contact(emails=["b@x.example"])),
        message(make_contact(emails=["c@x.example"])),
    )
    Delivery.objects.filter(pk=waiting.pk).update(due_at=timezone.now() - timedelta(minutes=3))
    before = read(client)
    taken, _token = Delivery.claim(sent.pk)
    taken.sent()
    taken.delivered(timezone.now())
    Delivery.claim(failed.pk)[0].failed("No such user here.")
    shared.forget()
    numbers = read(client)
    assert value(numbers, "deliveries", state="queued") == 1
    assert value(numbers, "deliveries_day", state="sent") == 1
    assert value(numbers, "deliveries_day", state="failed") == 1
    assert 180 <= value(numbers, "delivery_overdue_seconds") < 240

    def delayed(at_most: str) -> float:
        name = "delivery_delay_seconds_bucket"
        return value(numbers, name, le=at_most) - value(before, name, le=at_most)

    assert (delayed("15.0"), delayed("+Inf")) == (1, 1)  # not again when it was reported


def test_what_waits_to_be_sealed_has_a_number_and_an_age(client: Client) -> None:
    make_contact()
    numbers = read(client)
    assert value(numbers, "sealing_waiting") >= 1
    assert value(numbers, "sealing_lag_seconds") >= 0
    assert sum(value(numbers, "log", state=each) for each in ("behind", "unchecked", "off")) == 1


def test_queues_workers_and_tasks_are_told_of(client: Client, redis_client: Any) -> None:
    redis_client.rpush("celery", "{}", "{}")
    redis_client.hset(workers.WORKERS, "celery@here", workers.told())
    workers.note_run("contacts.tasks.sweep_imports", "SUCCESS", 0.1)
    before = read(client)
    count_task("contacts.tasks.deliver", "FAILURE", 0.5)
    numbers = read(client)
    assert value(numbers, "redis_up") == value(numbers, "database_up") == 1
    assert value(numbers, "queue_depth", queue="celery") == 2
    assert value(numbers, "queue_depth", queue="sweeps") == 0
    assert value(numbers, "workers") == 1
    assert value(numbers, "worker_seen_seconds", worker="celery@here") < 60
    assert value(numbers, "schedule_ended_seconds", entry="sweep-imports") < 60
    labels = {"task": "contacts.tasks.deliver", "state": "FAILURE"}
    name = "task_duration_seconds_count"
    assert value(numbers, name, **labels) - value(before, name, **labels) == 1


def test_open_pages_sign_ins_that_failed_and_versions_are_told_of(client: Client) -> None:
    before = read(client)
    stream_count.send(sender=Streams, count=7)
    make_user(name="Mia", password="quiet-otter-lantern")
    client.post("/accounts/login/", {"login": "mia@annals.example", "password": "wrong-one-here"})
    numbers = read(client)
    assert value(numbers, "live_streams") == 7
    failures = "sign_in_failures_total"
    assert value(numbers, failures) - value(before, failures) == 1
    [info] = [labels for name, labels in numbers if name == "annals_info"]
    assert dict(info).keys() == {"version", "python", "django", "postgresql"}
    assert value(numbers, "database_pool", what="size") >= 1
    stream_count.send(sender=Streams, count=0)


def test_it_answers_also_while_redis_or_the_database_does_not(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    monkeypatch.setattr("config.metrics.PATIENCE", "none")  # which PostgreSQL refuses
    numbers = read(client)
    assert ("annals_redis_up", ()) in numbers
    assert value(numbers, "redis_up") == value(numbers, "database_up") == 0
    assert value(numbers, "http_requests_in_progress") == 1


def test_scraping_reads_the_database_once_in_some_seconds_and_names_nobody(client: Client) -> None:
    Contact(given_name="Quillfeather", emails=["quill@private.example"]).save()
    with CaptureQueriesContext(connection) as first:
        answer = client.get("/metrics", headers=BEARER)
    assert 0 < len(first) < 16
    assert "quill" not in answer.content.decode().lower()
    with CaptureQueriesContext(connection) as second:
        client.get("/metrics", headers=BEARER)
    assert len(second) == 0


class TestPlaces:
    """Places count on where a process that is gone stopped, and never two at a time."""

    @staticmethod
    def child(folder: Path, ready: Any) -> None:
        places = Places(folder)
        ready.put(places.mine())
        signal.pause()

    def test_processes_have_a_place_each_and_one_that_was_killed_leaves_its_own(
        self, tmp_path: Path
    ) -> None:
        context = get_context("fork")
        ready = context.SimpleQueue()
        mine = Places(tmp_path)
        assert mine.mine() == "0"
        children = [context.Process(target=self.child, args=(tmp_path, ready)) for _ in range(2)]
        for child in children:
            child.start()
        taken = {ready.get(), ready.get()}
        assert taken == {"1", "2"}
        for number in ("0", "1", "2"):
            (tmp_path / f"gauge_livesum_{number}.db").touch()
            (tmp_path / f"counter_{number}.db").touch()
        for child in children:
            os.kill(child.pid, signal.SIGKILL)
            child.join()
        mine.forget_dead()
        left = {path.name for path in tmp_path.glob("*.db")}
        assert left == {"gauge_livesum_0.db", "counter_0.db", "counter_1.db", "counter_2.db"}
        again = context.Process(target=self.child, args=(tmp_path, ready))
        again.start()
        assert ready.get() in taken
        again.kill()
        again.join()

    def test_the_first_process_to_come_begins_to_count_anew(self, tmp_path: Path) -> None:
        first = Places(tmp_path)
        first.mine()
        (tmp_path / "counter_0.db").touch()
        del first
        assert Places(tmp_path).mine() == "0"
        assert not list(tmp_path.glob("*.db"))


def test_the_alerts_that_come_with_annals_ask_for_numbers_that_there_are(
    client: Client, settings: Any, redis_client: Any
) -> None:
    rules = YAML(typ="safe").load(settings.BASE_DIR / "deploy/prometheus/alerts.yml")
    [group] = rules["groups"]
    asked = {name for rule in group["rules"] for name in re.findall(r"annals_\w+", rule["expr"])}
    assert len(asked) > 10
    redis_client.hset(workers.WORKERS, "celery@here", workers.told())
    workers.note_run("contacts.tasks.sweep_deliveries", "SUCCESS", 0.1)
    count_task("contacts.tasks.deliver", "SUCCESS", 0.5)
    client.get("/healthz")
    assert asked <= {name for name, _labels in read(client)}
