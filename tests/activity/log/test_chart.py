"""The chart of entries per day: what it counts, for whom, and how it reads without eyes."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from activity.ledger.sealing import seal_pending
from activity.log import LogFilters
from activity.log.chart import DAYS, DAYS_MAX, Chart, chart
from activity.recording import Draft, write
from contacts.models import Contact
from tests.activity.happenings import NOON, happen
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db
MAY = "from=2026-05-04&to=2026-05-10"


@pytest.fixture
def amara() -> Contact:
    return make_contact()


def drawn(query: str, viewer: Any = None) -> Chart:
    viewer = viewer or make_user("viewer", name="Reader")
    return chart(LogFilters.read(QueryDict(query), viewer))


def totals(found: Chart) -> dict[int, tuple[int, int]]:
    return {bar.date.day: (bar.people, bar.system) for bar in found.bars if bar.total}


def test_it_counts_what_is_sealed_and_what_waits(amara: Contact) -> None:
    happen(amara, times=3)
    seal_pending()
    happen(amara, times=2)
    happen(amara, "import.finished", at=NOON + datetime.timedelta(1))
    found = drawn(MAY)
    assert totals(found) == {6: (5, 0), 7: (0, 1)}
    assert found.total == 6
    assert [bar.date.day for bar in found.bars] == [4, 5, 6, 7, 8, 9, 10]


def test_it_honours_kinds_and_says_what_it_leaves_aside(amara: Contact) -> None:
    happen(amara, times=3)
    happen(amara, "contact.archived")
    reader = make_user("viewer", name="Reader")
    assert totals(drawn(f"{MAY}&kind=contact.archived", reader)) == {6: (1, 0)}
    assert not drawn(MAY, reader).ignores
    for query in (f"actor={reader.pk}", f"contact={amara.pk}", "source=web", "q=x"):
        assert drawn(f"{MAY}&{query}", reader).ignores


def test_what_is_private_is_not_counted_for_others(amara: Contact) -> None:
    ada = make_user(name="Ada")
    write([Draft("user.signed_in", "user", ada.pk, None, {})] * 40)
    seal_pending()
    assert drawn("", ada).total - drawn("").total >= 40


def test_days_are_those_of_the_reader(amara: Contact) -> None:
    happen(amara, at=NOON.replace(hour=22, minute=30))  # half past midnight in Berlin
    reader = make_user("viewer", name="Reader")
    for sealed in (False, True):
        if sealed:
            seal_pending()
        for zone, day in (("Europe/Berlin", 7), ("UTC", 6)):
            with timezone.override(zone):
                assert totals(drawn(MAY, reader)) == {day: (1, 0)}


def test_without_dates_it_shows_the_last_days_and_of_many_the_last_ones() -> None:
    reader = make_user("viewer", name="Reader")
    found = drawn("", reader)
    assert len(found.bars) == DAYS
    assert found.bars[-1].date == timezone.localdate()
    assert found.bars[-1].label == "Today"
    long = drawn("from=2020-01-01&to=2026-05-10", reader)
    assert len(long.bars) == DAYS_MAX
    assert long.is_cut
    assert len(drawn("from=2026-05-10&to=2026-05-01", reader).bars) == 1
    assert drawn("from=2030-01-01", reader).total == 0


def test_one_sentence_tells_its_shape(amara: Contact) -> None:
    happen(amara, times=10)
    assert drawn(MAY).summary == (
        "Entries per day, 4 May to 10 May: 10 in all. Weekdays hold about 2, weekends about 0."
        " The peak is 10 on 6 May."
    )
    assert drawn("from=2020-05-01&to=2020-05-02", make_user("viewer", name="Other")).summary == (
        "Entries per day, 1 May to 2 May: none."
    )


def test_its_bars_stand_on_the_ground_and_reach_up_to_the_scale(amara: Contact) -> None:
    happen(amara, times=20)
    happen(amara, "import.finished", times=20)
    found = drawn(MAY)
    assert found.scale == 40
    (people, system) = next(bar.boxes for bar in found.bars if bar.total)
    assert (float(people[1]), float(people[2])) == (60.0, 44.0)
    assert float(system[1]) + float(system[2]) == 59.0
    assert not any(bar.boxes for bar in found.bars if not bar.total)


def test_it_is_drawn_on_the_page_with_a_table_beside_it(client: Client, amara: Contact) -> None:
    client.force_login(make_user("viewer", name="Vic"))
    happen(amara, times=7)
    answer = client.get(f"/activity/?{MAY}").content.decode()
    assert 'role="img" aria-label="Entries per day, 4 May to 10 May: 7 in all.' in answer
    assert "As a table" in answer
    assert 'href="?from=2026-05-06&amp;to=2026-05-06">Wed 6 May 2026</a>' in answer
    assert "style=" not in answer


def test_it_costs_one_query(amara: Contact) -> None:
    reader = make_user("viewer", name="Reader")
    filters = LogFilters.read(QueryDict(""), reader)
    happen(amara, at=timezone.now(), times=50)
    with CaptureQueriesContext(connection) as queries:
        assert chart(filters).total
    assert len(queries) == 1
