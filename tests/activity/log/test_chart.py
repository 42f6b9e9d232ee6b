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
from activity.models import Tally
from activity.pictures.bars import Series
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


def totals(found: Chart) -> dict[int, dict[str, int]]:
    """Return {day: {tone: how many}} of what there is."""
    return {
        each.since.day: {
            series.tone: count
            for series, count in zip(found.bars.series, each.counts, strict=True)
            if count
        }
        for each in found.bars.stretches
        if each.total
    }


def test_it_counts_what_is_sealed_and_what_waits(amara: Contact) -> None:
    happen(amara, times=3)
    seal_pending()
    happen(amara, times=2)
    happen(amara, "import.finished", at=NOON + datetime.timedelta(1))
    found = drawn(MAY)
    assert totals(found) == {6: {"change": 5}, 7: {"system": 1}}
    assert found.bars.total == 6
    assert [each.since.day for each in found.bars.stretches] == [4, 5, 6, 7, 8, 9, 10]


def test_it_honours_kinds_and_says_what_it_leaves_aside(amara: Contact) -> None:
    happen(amara, times=3)
    happen(amara, "contact.archived")
    reader = make_user("viewer", name="Reader")
    assert totals(drawn(f"{MAY}&kind=contact.archived", reader)) == {6: {"people": 1}}
    assert not drawn(MAY, reader).ignores
    for query in (f"actor={reader.pk}", f"contact={amara.pk}", "source=web", "q=x"):
        assert drawn(f"{MAY}&{query}", reader).ignores


def test_what_is_private_is_not_counted_for_others(amara: Contact) -> None:
    ada = make_user(name="Ada")
    write([Draft("user.signed_in", "user", ada.pk, None, {})] * 40)
    seal_pending()
    assert drawn("", ada).bars.total - drawn("").bars.total >= 40


def test_days_are_those_of_the_reader(amara: Contact) -> None:
    happen(amara, at=NOON.replace(hour=22, minute=30))  # half past midnight in Berlin
    reader = make_user("viewer", name="Reader")
    for sealed in (False, True):
        if sealed:
            seal_pending()
        for zone, day in (("Europe/Berlin", 7), ("UTC", 6)):
            with timezone.override(zone):
                assert totals(drawn(MAY, reader)) == {day: {"change": 1}}


def test_without_dates_it_shows_the_last_days_and_of_many_the_last_ones() -> None:
    reader = make_user("viewer", name="Reader")
    found = drawn("", reader)
    assert len(found.bars.stretches) == DAYS
    assert found.bars.stretches[-1].label == "Today"
    long = drawn("from=2020-01-01&to=2026-05-10", reader)
    assert len(long.bars.stretches) == DAYS_MAX
    assert long.is_cut
    assert len(drawn("from=2026-05-10&to=2026-05-01", reader).bars.stretches) == 1
    assert drawn("from=2030-01-01", reader).bars.total == 0


def test_one_sentence_tells_its_shape(amara: Contact) -> None:
    happen(amara, times=10)
    assert drawn(MAY).summary == (
        "Entries per day, 4 May to 10 May: 10 in all. Weekdays hold about 2, weekends about 0."
        " The peak is 10 on 6 May."
    )
    assert drawn("from=2020-05-01&to=2020-05-02", make_user("viewer", name="Other")).summary == (
        "Entries per day, 1 May to 2 May: none."
    )


def tones(query: str, viewer: Any) -> list[tuple[str, str, str]]:
    """Return what stands in the legend: name, tone, and where it leads."""

    def told(series: Series) -> tuple[str, str, str]:
        return str(series.label), series.tone, series.query

    return [told(series) for series in drawn(query, viewer).bars.series]


def test_each_group_of_kinds_has_a_tone_and_can_be_chosen_by_it() -> None:
    reader, ada = make_user("viewer", name="Reader"), make_user(name="Ada")
    found = tones(f"{MAY}&q=x", reader)
    assert [tone for _label, tone, _query in found] == ["people", "outreach", "change", "system"]
    assert found[2] == ("Field changes", "change", f"{MAY}&q=x&group=change")
    assert [tone for _label, tone, _query in tones("", ada)][3:] == ["team", "system"]
    assert tones("group=change", reader) == [("Field changes", "change", "")]


def test_a_few_kinds_that_were_asked_for_have_a_tone_each(amara: Contact) -> None:
    reader = make_user("viewer", name="Reader")
    happen(amara, "contact.archived", times=2)
    happen(amara, "contact.restored")
    happen(amara)
    query = f"{MAY}&kind=contact.archived&kind=contact.restored"
    labels = [label for label, _tone, _query in tones(query, reader)]
    assert labels == ["Contact archived", "Contact restored"]
    assert totals(drawn(query, reader)) == {6: {"people": 2, "outreach": 1}}
    assert tones(query, reader)[1][2] == f"{MAY}&kind=contact.restored"
    many = "&".join(f"kind=message.{each}" for each in ("queued", "failed", "bounced"))
    many += "&kind=contact.created&kind=contact.updated&kind=comment.added"
    grouped = [tone for _label, tone, _query in tones(many, reader)]
    assert grouped == ["people", "outreach", "change", "system"]


def test_a_kind_that_was_retired_since_counts_with_the_last(amara: Contact) -> None:
    happen(amara)
    seal_pending()
    Tally.objects.update(verb="contact.waved_at")
    found = drawn(MAY)
    assert totals(found) == {6: {"system": 1}}


def test_it_is_drawn_on_the_page_with_a_table_beside_it(client: Client, amara: Contact) -> None:
    client.force_login(make_user("viewer", name="Vic"))
    happen(amara, times=7)
    answer = client.get(f"/activity/?{MAY}").content.decode()
    assert 'role="img" aria-label="Entries per day, 4 May to 10 May: 7 in all.' in answer
    assert "As a table" in answer
    assert 'href="/activity/?from=2026-05-06&amp;to=2026-05-06">Wed 6 May 2026</a>' in answer
    assert 'href="/activity/?from=2026-05-04&amp;to=2026-05-10&amp;group=change">' in answer
    assert "style=" not in answer


def test_it_costs_one_query(amara: Contact) -> None:
    reader = make_user("viewer", name="Reader")
    filters = LogFilters.read(QueryDict(""), reader)
    happen(amara, at=timezone.now(), times=50)
    with CaptureQueriesContext(connection) as queries:
        assert chart(filters).bars.total
    assert len(queries) == 1
