"""A timeline of merged contacts is read at the cost of a page of each, however long they are."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet

from activity.filters import Filters
from activity.models import ActivityEvent
from activity.recording import Draft, write
from tests.builders import make_contact

pytestmark = pytest.mark.django_db
HOT, COLD, OTHERS = 1_000, 100, 10_000


@pytest.fixture
def ids() -> list[Any]:
    hot, cold, other = (make_contact(given_name=name) for name in ("Hot", "Cold", "Other"))
    for contact, events in ((other, OTHERS), (hot, HOT), (cold, COLD)):
        write([Draft("contact.archived", "contact", contact.pk, contact.pk, {})] * events)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE activity_event")
    return [hot.pk, cold.pk]


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from nodes(each)


def scans(rows: QuerySet) -> list[tuple[str, int]]:
    """Return (kind of scan, rows it read) for each scan of the log that the query makes."""
    [plan] = json.loads(rows.explain(format="json", analyze=True))
    return [
        (node["Node Type"], int(node["Actual Rows"]) + int(node.get("Rows Removed by Filter", 0)))
        for node in nodes(plan["Plan"])
        if node.get("Relation Name") == "activity_event"
    ]


def test_a_page_reads_a_page_of_each(ids: list[Any]) -> None:
    read = scans(Filters().apply(ActivityEvent.objects.of(*ids))[:51])
    assert [kind for kind, _rows in read] == ["Index Scan"] * 2
    assert all(rows <= 51 for _kind, rows in read)


def test_the_rows_are_the_newest_of_all_and_counted_up_to_the_limit(ids: list[Any]) -> None:
    events = ActivityEvent.objects.of(*ids)
    newest = list(ActivityEvent.objects.order_by("-id").values_list("id", flat=True)[: COLD + 60])
    assert list(events.values_list("id", flat=True)[: COLD + 60]) == newest
    assert list(events.filter(id__lt=newest[9])[5:7].values_list("id", flat=True)) == newest[15:17]
    assert events.first().id == newest[0] and events[3].id == newest[3]
    assert (events[:100].count(), events.count()) == (100, HOT + COLD + 2)
    assert events.filter(verb="contact.created").order_by("id").first().contact_id == ids[0]


def test_of_one_contact_nothing_is_put_together(ids: list[Any]) -> None:
    sql = str(ActivityEvent.objects.of(ids[0])[:51].query)
    assert "UNION" not in sql and sql.count("contact_id") == 2
