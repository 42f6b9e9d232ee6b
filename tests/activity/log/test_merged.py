"""The log of a contact: it goes on with what was merged into it."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from activity.log import LogFilters
from activity.log.finding import numbers
from activity.models import ActivityEvent, ActivityExport
from activity.tasks import run_export
from contacts.models import Contact
from tests.activity.happenings import happen
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client) -> Any:
    user = make_user("viewer", name="Reader")
    client.force_login(user)
    return user


@pytest.fixture
def chain() -> list[Contact]:
    """Return a contact, one merged into it, and one that had been merged into that one."""
    amara, double, triple = (make_contact(given_name=name) for name in ("Amara", "Mara", "Ara"))
    for _round in range(4):
        for each in (amara, double, triple, make_contact(given_name="Zoe")):
            happen(each, times=3)
    double.absorb(triple, {})
    amara.absorb(double, {})
    return [amara, double, triple]


def read(reader: Any, **asked: Any) -> LogFilters:
    return LogFilters.read(QueryDict(urlencode(asked)), reader)


def test_the_log_of_a_contact_has_what_happened_with_those_merged_into_it(reader, chain) -> None:
    everything = ActivityEvent.objects.order_by("-id").values_list("id", flat=True)
    for place, contact in enumerate(chain):
        ids = [each.pk for each in chain[place:]]
        for more in ({}, {"kind": "contact.updated"}, {"q": "mara"}, {"from": "2026-05-06"}):
            filters = read(reader, contact=contact.pk, **more)
            expected = list(filters.apply(everything))
            assert expected and set(expected) <= set(everything.filter(contact_id__in=ids))
            assert more or expected == list(everything.filter(contact_id__in=ids))
            for cursor in (None, expected[len(expected) // 2]):
                older = [each for each in expected if cursor is None or each < cursor]
                assert numbers(filters, 7, before=cursor) == older[:7]
            newer = [each for each in expected if each > expected[-1]]
            assert numbers(filters, 7, after=expected[-1]) == newer[-7:]


def test_parted_again_each_has_its_own_log(reader, chain) -> None:
    amara, double, _triple = chain
    amara.part(double)
    theirs = numbers(read(reader, contact=amara.pk), 100)
    about = set(ActivityEvent.objects.filter(id__in=theirs).values_list("contact_id", flat=True))
    assert about == {amara.pk}


def test_a_merged_contact_keeps_its_own_log_and_names_its_survivor(client, reader, chain) -> None:
    answer = client.get(f"/activity/?contact={chain[1].pk}").content.decode()
    assert '<span class="clip">Contact: Mara, merged into Amara</span>' in answer
    offered = client.get("/activity/menu/whom?whom=mara").content.decode()
    assert "Mara, merged into Amara" in offered


def test_the_log_of_a_contact_costs_no_more_for_what_was_merged(client, reader, chain) -> None:
    other = make_contact(given_name="Other")
    costs = []
    for contact in (other, chain[0]):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/activity/?contact={contact.pk}").status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_an_export_of_a_contact_holds_them_too_and_goes_with_one_that_was_parted(chain) -> None:
    amara, double, _triple = chain
    export = ActivityExport.objects.create(
        made_by=make_user(name="Max"), query=f"contact={amara.pk}", format="ndjson"
    )
    run_export(str(export.pk))
    export.refresh_from_db()
    lines = [json.loads(line) for line in b"".join(export.parts.chunks()).splitlines()]
    assert {line["contact"] for line in lines[:-1]} == {str(each.pk) for each in chain}
    amara.part(double)
    make_contact(given_name="Tom").delete()
    export.refresh_from_db()
    assert export.is_there
    Contact.objects.get(pk=double.pk).delete()
    export.refresh_from_db()
    assert not export.is_there
