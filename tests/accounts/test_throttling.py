"""Limits count what one place or person does, say when to go on, lose nothing, and forget."""

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from accounts.models import User
from accounts.throttling import MESSAGES, Limit, asks_too_often, limited, spend
from config.cache import RedisOrMemoryCache
from contacts.models import Contact, Message
from tests.builders import make_contact, make_user

AT_FIVE = 1_800_000_000 // 3600 * 3600 + 5 * 60  # five minutes into an hour


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Stand still five minutes after an hour struck; returns what moves on by seconds."""
    now = [float(AT_FIVE)]
    monkeypatch.setattr("accounts.throttling.time.time", lambda: now[0])

    def move(seconds: int) -> None:
        now[0] += seconds

    return move


def visit(address: str = "192.0.2.1") -> HttpRequest:
    return RequestFactory().get("/", REMOTE_ADDR=address)


def test_what_is_above_the_limit_is_too_often() -> None:
    asked = [asks_too_often(visit(), "page", times=2, seconds=60) for _time in range(4)]
    assert asked == [False, False, True, True]


def test_each_address_and_each_thing_is_counted_apart() -> None:
    for _time in range(3):
        asks_too_often(visit(), "page", times=2, seconds=60)
    assert not asks_too_often(visit("192.0.2.2"), "page", times=2, seconds=60)
    assert not asks_too_often(visit(), "reply", times=2, seconds=60)


def test_one_customers_network_is_one_place() -> None:
    for number in range(3):
        asks_too_often(visit(f"2001:db8:1:2::{number}"), "page", times=2, seconds=60)
    assert asks_too_often(visit("2001:db8:1:2:ffff::1"), "page", times=2, seconds=60)
    assert not asks_too_often(visit("2001:db8:1:3::1"), "page", times=2, seconds=60)


def test_once_the_time_is_over_nothing_is_counted() -> None:
    asked = [asks_too_often(visit(), "page", times=1, seconds=0) for _time in range(3)]
    assert asked == [False, False, False]


@pytest.fixture
def mia(client: Client, settings: Any) -> User:
    """Mia, who is signed in and may send two messages an hour."""
    settings.MESSAGES_PER_HOUR = 2
    mia = make_user(name="Mia")
    client.force_login(mia)
    return mia


@pytest.fixture
def amara() -> Contact:
    return make_contact(given_name="Amara", emails=["amara@calder.example"])


def send(client: Client, contact: Contact, number: int, **more: Any) -> Any:
    typed = {
        "id": f"0199f3c2-7a5e-7c1d-9b0e-2f4d8a6c1e{number:02}",
        "subject": "Depots",
        "body": f"Letter {number}",
        "address": contact.emails[0],
    }
    page = {"Referer": f"http://testserver{contact.get_absolute_url()}"}
    return client.post(f"/contacts/{contact.pk}/messages/", typed, headers=page | more)


@pytest.mark.django_db
def test_the_third_letter_is_not_sent_and_not_lost(
    client: Client, mia: User, amara: Contact, clock: Callable[[int], None]
) -> None:
    assert [send(client, amara, number).status_code for number in range(2)] == [303, 303]
    refused = send(client, amara, 2)
    text = refused.content.decode()
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == str(55 * 60)
    assert "2 messages within an hour. This one was not sent." in text
    assert "Go on in 55 minutes." in text
    kept = client.get(re.search(r'href="(/unsent/[^"]+)"', text)[1]).content.decode()
    assert "This was not sent yet" in kept
    assert "Letter 2" in kept
    assert Message.objects.count() == 2
    clock(55 * 60)
    assert send(client, amara, 2).status_code == 303


@pytest.mark.django_db
def test_htmx_says_so_beside_the_form_which_stays(
    client: Client, mia: User, amara: Contact
) -> None:
    for number in range(2):
        send(client, amara, number)
    refused = send(client, amara, 2, **{"HX-Request": "true"})
    assert refused.status_code == 429
    assert refused.headers["HX-Reswap"] == "none"
    said = json.loads(refused.headers["HX-Trigger"])["toast"]
    assert "Go on in 55 minutes." in said["text"]
    assert said["kind"] == "bad"


@pytest.mark.django_db
def test_what_is_refused_anyway_does_not_count(client: Client, mia: User, amara: Contact) -> None:
    for _try in range(5):
        assert client.post(f"/contacts/{amara.pk}/messages/", {"body": ""}).status_code == 422
    assert send(client, amara, 1).status_code == 303


@pytest.mark.django_db
def test_each_person_has_a_limit_of_their_own(client: Client, mia: User, amara: Contact) -> None:
    for number in range(3):
        send(client, amara, number)
    client.force_login(make_user(name="Ben"))
    assert send(client, amara, 7).status_code == 303


@pytest.mark.django_db
def test_a_deployment_can_do_without(
    client: Client, mia: User, amara: Contact, settings: Any
) -> None:
    settings.MESSAGES_PER_HOUR = 0
    assert {send(client, amara, number).status_code for number in range(4)} == {303}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/contacts/export", {"format": "csv", "everyone": "1", "sort": "name"}),
        ("/contacts/{pk}/history/handover", {}),
        ("/contacts/{pk}/disclosures.csv", None),
    ],
    ids=["contacts", "handover", "register"],
)
def test_exports_have_a_limit_in_common(
    client: Client, amara: Contact, settings: Any, path: str, typed: Any
) -> None:
    settings.EXPORTS_PER_HOUR = 2
    client.force_login(make_user(name="Max"))
    ask = client.get if typed is None else client.post
    assert ask(path.format(pk=amara.pk), typed).status_code in {200, 303}
    assert client.get(f"/contacts/{amara.pk}/disclosures.csv").status_code == 200
    assert ask(path.format(pk=amara.pk), typed).status_code == 429


@pytest.mark.django_db
def test_uploads_of_imports_have_a_limit(client: Client, settings: Any) -> None:
    settings.IMPORTS_PER_HOUR = 1
    client.force_login(make_user(name="Max"))

    def upload() -> Any:
        file = ContentFile(b"Name,Email\nAmara,amara@calder.example\n", name="people.csv")
        return client.post("/imports/new", {"file": file, "id": uuid4()})

    assert upload().status_code == 302
    refused = upload()
    assert refused.status_code == 429
    kept = re.search(r'href="(/unsent/[^"]+)"', refused.content.decode())[1]
    assert "Files are not kept." in client.get(kept).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/contacts/?q=amara", "/palette/?q=amara", "/activity/?q=amara"])
def test_searches_have_a_limit_and_looking_has_none(
    client: Client, settings: Any, path: str
) -> None:
    settings.SEARCHES_PER_MINUTE = 2
    client.force_login(make_user(name="Max"))
    assert [client.get(path).status_code for _time in range(3)] == [200, 200, 429]
    assert client.get(path.partition("?")[0]).status_code == 200


@pytest.mark.django_db
def test_without_redis_limits_hold_and_nothing_fails(
    client: Client, mia: User, amara: Contact, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RedisOrMemoryCache, "away_until", 0.0)
    settings.CACHES = settings.CACHES | {
        "default": settings.CACHES["default"] | {"LOCATION": "unix:///nowhere/redis.sock"}
    }
    assert [send(client, amara, number).status_code for number in range(3)] == [303, 303, 429]


@pytest.mark.django_db
def test_a_limit_costs_two_commands_of_redis(mia: User, redis_client: Any) -> None:
    request = visit()
    request.user, request.htmx = mia, False
    often = Limit("SEARCHES_PER_MINUTE", 60, "Enough")
    spend(request, often)
    before = redis_client.info("stats")["total_commands_processed"]
    spend(request, often)
    assert redis_client.info("stats")["total_commands_processed"] - before <= 2 + 1  # INFO


def test_options_are_asked_without_counting() -> None:
    @limited(MESSAGES)
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("shown")

    request = visit()
    request.user = AnonymousUser()
    assert {view(request).status_code for _time in range(400)} == {200}
