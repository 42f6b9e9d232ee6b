"""The operations page tells administrators how Annals is doing, and what to do about it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from activity.models import ActivityEvent
from config.operations import workers
from contacts.models import Delivery, ImportRun
from tests.builders import make_contact, make_user
from tests.contacts.outbox import ana, invitation, message, share

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(client: Client) -> User:
    ada = make_user(name="Ada")
    client.force_login(ada)
    return ada


def shown(client: Client) -> str:
    answer = client.get(reverse("operations"))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def lost(delivery: Delivery) -> Delivery:
    Delivery.claim(delivery.pk)[0].lost()
    return delivery


def failed(delivery: Delivery) -> Delivery:
    Delivery.claim(delivery.pk)[0].failed("No such user here.")
    return delivery


def verbs() -> list[str]:
    return list(ActivityEvent.objects.order_by("id").values_list("verb", flat=True))


@pytest.mark.parametrize("name", ["Max", "Mia", "Vic"])
def test_only_administrators_see_it_and_act_there(client: Client, name: str) -> None:
    delivery = failed(message())
    client.force_login(User.objects.filter(name=name).first() or make_user(name=name))
    assert client.get(reverse("operations")).status_code == 403
    assert client.get(reverse("operations_findings")).status_code == 403
    for action in ("operations_repeat", "operations_arrived"):
        assert client.post(reverse(action, args=[delivery.pk])).status_code == 403
    assert "operations" not in client.get(reverse("preferences")).content.decode()
    assert Delivery.objects.count() == 1


def test_administrators_find_it_in_the_navigation_and_in_the_administration(
    client: Client, ada: User
) -> None:
    for page in (reverse("preferences"), reverse("admin:index")):
        assert f'href="{reverse("operations")}"' in client.get(page).content.decode()


def test_workers_and_what_they_have_in_hand_are_shown(
    client: Client, ada: User, redis_client: Any
) -> None:
    assert "No worker was heard of lately" in shown(client)
    redis_client.hset(workers.WORKERS, "celery@one", workers.told())
    silent = f'{{"at": {timezone.now().timestamp() - 600}, "tasks": []}}'
    redis_client.hset(workers.WORKERS, "celery@two", silent)
    redis_client.rpush("celery", "{}", "{}", "{}")
    text = shown(client)
    assert "celery@one" in text
    assert 'celery@two</bdi> <span class="chip bad">' in text
    assert "Silent" in text
    assert "3 tasks wait" in text
    assert "No worker was heard of lately" not in text


def test_how_the_scheduled_tasks_went_is_shown(
    client: Client, ada: User, redis_client: Any
) -> None:
    assert "not seen yet" in shown(client)
    workers.note_run("contacts.tasks.sweep_imports", "SUCCESS", 0.25)
    workers.note_run("contacts.tasks.sweep_deliveries", "FAILURE", 0.25)
    late = f'{{"at": {timezone.now().timestamp() - 600}, "state": "SUCCESS", "seconds": 1}}'
    redis_client.hset(workers.SCHEDULE, "sweep-pending", late)
    text = shown(client)
    for words in ("done in 0.25 s", "Failed", "Overdue"):
        assert words in text


def test_it_is_shown_also_while_redis_is_away(client: Client, ada: User, settings: Any) -> None:
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    assert "Redis does not answer" in shown(client)


@pytest.mark.parametrize(
    ("make", "again"),
    [(message, "message.retried"), (share, "share.resent"), (invitation, "invitation.resent")],
    ids=["message", "share", "invitation"],
)
def test_a_mail_that_failed_is_sent_again_with_its_event(
    client: Client, ada: User, make: Any, again: str
) -> None:
    delivery = failed(make())
    assert "No such user here." in shown(client)
    address = reverse("operations_repeat", args=[delivery.pk])
    answer = client.post(address)
    assert (answer.status_code, answer.url) == (303, reverse("operations"))
    assert "It is sent again." in shown(client)
    newest = Delivery.objects.order_by("-id").first()
    assert (newest.state, newest.recipient) == ("queued", delivery.recipient)
    assert newest.pk != delivery.pk
    assert verbs()[-1] == again
    assert ActivityEvent.objects.order_by("id").last().actor_id == ada.pk
    client.post(address)  # once more: it is on its way already
    assert "It did not need to be sent again." in shown(client)
    assert Delivery.objects.count() == 2


def test_a_mail_nobody_knows_of_is_noted_as_arrived(client: Client, ada: User) -> None:
    delivery = lost(message())
    address = reverse("operations_arrived", args=[delivery.pk])
    assert address in shown(client)
    client.post(address)
    text = shown(client)
    assert "Noted that it arrived." in text
    assert address not in text
    assert Delivery.objects.get().state == "sent"
    assert verbs()[-1] == "message.confirmed"
    client.post(address)
    assert "What became of it is known by now." in shown(client)


def test_nothing_is_sent_again_to_whoever_asked_for_no_more(client: Client, ada: User) -> None:
    contact = ana()
    delivery = failed(message(contact))
    contact.refresh_from_db()
    contact.opt_out(source="team", by=ada)
    client.post(reverse("operations_repeat", args=[delivery.pk]))
    assert Delivery.objects.count() == 1
    assert "asked not to be contacted" in shown(client)


def test_what_is_gone_is_not_found(client: Client, ada: User) -> None:
    assert client.post(reverse("operations_repeat", args=[ada.pk])).status_code == 404


def test_runs_that_hang_or_failed_are_shown(client: Client, ada: User) -> None:
    assert "None is running" in shown(client)
    old = timezone.now() - timedelta(minutes=20)
    kept = {"format": "csv", "started_by": ada, "digest": "0" * 64}
    ImportRun.objects.create(name="people.csv", state="running", touched_at=old, **kept)
    ImportRun.objects.create(name="more.csv", state="failed", problem="It is no CSV.", **kept)
    ImportRun.objects.create(name="fine.csv", state="finished", **kept)
    text = shown(client)
    assert 'people.csv</bdi></a> <span class="chip bad">' in text
    assert "Hangs" in text
    assert "It is no CSV." in text
    assert "fine.csv" not in text


def test_storage_versions_and_for_how_long_things_are_kept_are_shown(
    client: Client, ada: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DELETED_NAME_DAYS = 77
    text = shown(client)
    for words in ("MB", "free", "PostgreSQL", "all applied", "77 days", "DELETED_NAME_DAYS"):
        assert words in text
    monkeypatch.setattr(
        "config.operations.versions._known_migrations",
        lambda: frozenset({("contacts", "9999_to_come")}),
    )
    assert "waiting: contacts.9999_to_come" in shown(client)


def test_it_loads_itself_again_while_it_is_in_sight(client: Client, ada: User) -> None:
    text = shown(client)
    assert 'hx-trigger="intersect once delay:10s"' in text
    assert 'hx-select="#operations"' in text


def test_problems_are_looked_for_when_asked(client: Client, ada: User) -> None:
    text = client.get(reverse("operations_findings")).content.decode()
    assert "Problems of this installation" in text
    assert "manage.py doctor" in text


def test_it_takes_as_many_queries_for_many_mails_as_for_one(client: Client, ada: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            shown(client)
        return len(captured)

    failed(message())
    few = queries()
    for number in range(5):
        failed(message(make_contact(given_name="Ana", emails=[f"a{number}@x.example"])))
    assert queries() == few <= 22
