"""Each request leaves a line that tells what was asked for, and an id that leads from it on."""

import re
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from activity.models import ActivityEvent, ActivityOrigin
from contacts.models import Contact
from tests.builders import make_contact, make_user
from tests.config.observing.lines import Lines, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines() -> Iterator[Lines]:
    with written() as lines:
        yield lines


@pytest.fixture
def mia(client: Client) -> User:
    mia = make_user(name="Mia")
    client.force_login(mia)
    return mia


def test_a_line_names_who_asked_for_which_page_and_what_became_of_it(
    client: Client, mia: User, lines: Lines
) -> None:
    amara = make_contact()
    answer = client.get(amara.get_absolute_url(), {"part": "comments"})
    [line] = lines.of_requests
    assert UUID(line["request_id"])
    assert answer.headers["X-Request-ID"] == line["request_id"]
    assert line["ms"] > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    told = {name: line[name] for name in ("level", "message", "method", "route", "status")}
    assert told == {
        "level": "info",
        "message": "GET contact 200",
        "method": "GET",
        "route": "contact",
        "status": 200,
    }
    assert line["ids"] == {"pk": str(amara.pk)}
    assert line["user"] == str(mia.pk)


def test_the_id_of_a_request_is_that_of_the_origin_of_what_it_wrote(
    client: Client, mia: User, lines: Lines
) -> None:
    answer = client.post(reverse("contact_archive", args=[make_contact().pk]))
    event = ActivityEvent.objects.get(verb="contact.archived")
    assert str(event.origin_id) == answer.headers["X-Request-ID"]
    assert ActivityOrigin.objects.get(pk=event.origin_id).route == "contact_archive"
    assert lines.of_requests[-1]["request_id"] == str(event.origin_id)


def test_what_is_refused_before_any_page_has_an_id_and_a_line_too(
    client: Client, lines: Lines
) -> None:
    refused = [
        client.get("/contacts/"),  # leads to the sign-in
        client.get("/nowhere/"),
        client.get("/healthz", headers={"Host": "other.example"}),
        Client(enforce_csrf_checks=True).post("/accounts/login/"),
        client.get("/static/nowhere.css"),
    ]
    assert [answer.status_code for answer in refused] == [302, 404, 400, 403, 404]
    assert [(line["route"], line["status"]) for line in lines.of_requests] == [
        ("contacts", 302), ("none", 404), ("none", 400), ("account_login", 403), ("static", 404),
    ]  # fmt: skip
    told = lines.read_json("django")
    assert told[-1]["request_id"] == refused[-1].headers["X-Request-ID"]
    ids = [answer.headers["X-Request-ID"] for answer in refused]
    assert len(set(ids)) == len(ids)
    assert ids == [line["request_id"] for line in lines.of_requests]


def test_a_page_that_failed_shows_the_id_to_quote_and_the_log_says_where(
    client: Client, mia: User, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr(Contact, "archive", None)
    answer = client.post(reverse("contact_archive", args=[make_contact().pk]))
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"] in answer.content.decode()
    [line] = lines.read_json("django.request")
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert line["message"].endswith("POST /contacts/<uuid:pk>/archive")
    assert line["errors"][0]["type"] == "TypeError"
    assert re.fullmatch(r"contacts/views/archiving\.py:\d+ archive", line["errors"][0]["stack"][-1])


def test_a_file_has_its_line_once_all_of_it_was_sent(client: Client, lines: Lines) -> None:
    make_contact()
    client.force_login(make_user(name="Max"))
    answer = client.post(reverse("contacts_export"), {"format": "csv", "everyone": "yes"})
    assert answer.streaming
    assert lines.of_requests == []
    list(answer.streaming_content)
    assert lines.of_requests[0]["route"] == "contacts_export"


def test_what_a_trusted_proxy_calls_a_request_stands_beside_its_id(
    client: Client, lines: Lines, settings: Any
) -> None:
    theirs = "6f1c0d5e-7a3b-4c1d-9e2f-000000000001"
    asked = {"headers": {"X-Request-ID": theirs}, "REMOTE_ADDR": "10.0.0.7"}
    client.get("/healthz", **asked)
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    answer = client.get("/healthz", **asked)
    client.get("/healthz", headers={"X-Request-ID": "ana.costa"}, REMOTE_ADDR="10.0.0.7")
    assert [line.get("proxy_request_id") for line in lines.of_requests] == [None, theirs, None]
    assert answer.headers["X-Request-ID"] != theirs


def test_noting_a_request_costs_less_than_a_tenth_of_a_millisecond(
    client: Client, lines: Lines
) -> None:
    from django.http import HttpRequest, HttpResponse

    from config.observing import RequestMiddleware

    middleware = RequestMiddleware(lambda _request: HttpResponse())
    request = HttpRequest()
    request.method, request.path = "GET", "/healthz"

    def cost(rounds: int = 200) -> float:
        began = time.thread_time()
        for _ in range(rounds):
            middleware(request)
        return (time.thread_time() - began) / rounds

    def bare(rounds: int = 200) -> float:
        began = time.thread_time()
        for _ in range(rounds):
            middleware.get_response(request)
        return (time.thread_time() - began) / rounds

    assert min(cost() - bare() for _ in range(5)) < 0.0001
