"""A page finds the same entries as reading the whole log would, whatever is asked for."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activity.context import acting
from activity.ledger.sealing import seal_pending
from activity.log import LogFilters, finding
from activity.log.finding import numbers
from activity.models import ActivityEvent
from activity.recording import Draft, write
from tests.activity.happenings import NOON, change
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db

KINDS = ["contact.updated", "contact.archived", "message.bounced", "contact.imported"]
SOURCES = ["web", "import", "admin"]
TOWNS = ["Lagos", "Porto", "Riga", "Rigoletto", "Oslo"]
LIMIT = 7


@pytest.fixture
def short_of_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a few entries be many, so that each way of finding words is gone."""
    monkeypatch.setattr(finding, "NEAREST", 10)
    monkeypatch.setattr(finding, "FEW", 4)
    monkeypatch.setattr(finding, "NEAR", (15, 40))


@pytest.fixture
def log(short_of_patience: None) -> Iterator[dict[str, list[Any]]]:
    """Write 150 entries of few people, by chance, most of them sealed, some late."""
    chance = random.Random(7)  # noqa: S311
    people = [make_user(name=name) for name in ("Mia", "Ben", "Max")]
    contacts = [make_contact(given_name=name) for name in ("Riga", "Zoe", "Tom")]
    for number in range(150):
        late = number % 11 == 0
        at = NOON + timedelta(hours=7 * (number - 60 if late else number))
        towns = [TOWNS[0]] * 6 + TOWNS
        with acting(actor=chance.choice(people), channel=chance.choice(SOURCES), clock=lambda: at):  # noqa: B023
            contact = chance.choice(contacts)
            payload = {"changes": [change("City", "", chance.choice(towns))]}
            write([Draft(chance.choice(KINDS), "contact", contact.pk, contact.pk, payload)])
        if number == 130:
            seal_pending()
    yield {"actor": [each.pk for each in people], "contact": [each.pk for each in contacts]}


def queries(log: dict[str, list[Any]], count: int) -> Iterator[str]:
    chance = random.Random(11)  # noqa: S311
    days = [(NOON + timedelta(days)).date() for days in range(-20, 50, 3)]
    choices: dict[str, list[Any]] = {
        **log,
        "kind": [*KINDS, "contact.deleted"],
        "group": ["people", "change", "outreach"],
        "source": [*SOURCES, "task"],
        "from": days,
        "to": days,
        "q": ["lagos", "porto", "rig", "oslo", "mia", "zoe", "riga", "12", "nothing"],
    }
    for _ in range(count):
        names = [name for name in choices if chance.random() < 0.3]
        yield urlencode([(name, chance.choice(choices[name])) for name in names])


@pytest.mark.parametrize("viewer", ["Ada", "Vic"])
def test_each_page_holds_what_the_filters_say(log: dict[str, list[Any]], viewer: str) -> None:
    reader = make_user(name=viewer)
    everything = ActivityEvent.objects.order_by("-id").values_list("id", flat=True)
    middle = everything[70]
    for query in queries(log, 150):
        filters = LogFilters.read(QueryDict(query), reader)
        expected = list(filters.apply(everything))
        assert numbers(filters, LIMIT) == expected[:LIMIT], query
        older = [number for number in expected if number < middle]
        newer = [number for number in expected if number > middle]
        assert numbers(filters, LIMIT, before=middle) == older[:LIMIT], query
        assert numbers(filters, LIMIT, after=middle) == newer[-LIMIT:], query


def test_words_are_found_however_few_or_many_recorded_them(log: dict[str, list[Any]]) -> None:
    reader = make_user(name="Vic")
    everything = ActivityEvent.objects.order_by("-id").values_list("id", flat=True)
    for town in TOWNS:
        filters = LogFilters.read(QueryDict(f"q={town}&kind=contact.updated"), reader)
        found, cursor = [], None
        while page := numbers(filters, LIMIT, before=cursor):
            found += page
            cursor = page[-1]
        assert found == list(filters.apply(everything))


def test_dates_with_nothing_sealed_are_found_too(short_of_patience: None) -> None:
    contact = make_contact()
    write([Draft("contact.archived", "contact", contact.pk, contact.pk, {})])
    today = timezone.localdate()
    reader = make_user(name="Vic")
    for query, count in ((f"from={today}", 2), (f"to={today - timedelta(1)}", 0)):
        assert len(numbers(LogFilters.read(QueryDict(query), reader), LIMIT)) == count
    seal_pending()
    assert len(numbers(LogFilters.read(QueryDict(f"from={today}"), reader), LIMIT)) == 2
    assert numbers(LogFilters.read(QueryDict("to=2020-01-01"), reader), LIMIT) == []


def test_kinds_people_and_sources_cost_one_query(log: dict[str, list[Any]]) -> None:
    reader = make_user(name="Vic")
    query = f"kind=contact.updated&kind=contact.archived&source=web&actor={log['actor'][0]}"
    filters = LogFilters.read(QueryDict(query), reader)
    with CaptureQueriesContext(connection) as captured:
        assert numbers(filters, LIMIT)
    assert len(captured) == 1


def test_what_was_commented_is_not_found_by_its_words() -> None:
    make_comment(make_contact(), body="Met in Zanzibar")
    assert numbers(LogFilters(words="Zanzibar"), LIMIT) == []
