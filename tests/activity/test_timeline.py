"""A timeline page by page: nothing missing, nothing twice, in one order."""

import datetime

import pytest
from django.http import QueryDict
from django.utils import timezone

from activity import timeline
from activity.filters import Filters
from activity.folding import Fold
from activity.models import ActivityEvent
from activity.timeline import PAGE, Page
from contacts.models import Contact
from tests.activity.happenings import NOON, change, happen
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def amara() -> Contact:
    return make_contact()


def read(contact: Contact, query: str = "", **place: int) -> Page:
    return timeline.read(contact.pk, Filters.read(QueryDict(query)), **place)


def ids(page: Page) -> list[int]:
    return [event.id for event in page.events]


def all_ids(contact: Contact) -> list[int]:
    return [event.id for event in ActivityEvent.objects.of(contact.pk)]


def walk(contact: Contact, query: str = "") -> list[int]:
    """Follow "older" to the end and return the ids of all that was shown."""
    page = read(contact, query)
    seen = ids(page)
    while page.has_older:
        page = read(contact, query, before=page.oldest)
        seen += ids(page)
    return seen


def test_paging_shows_each_event_once_newest_first(amara: Contact) -> None:
    happen(amara, times=3 * PAGE + 7)
    seen = walk(amara)
    assert seen == sorted(seen, reverse=True) == all_ids(amara)


def test_events_of_one_microsecond_keep_their_order(amara: Contact) -> None:
    happen(amara, times=PAGE * 2, at=NOON)
    assert len({event.occurred_at for event in ActivityEvent.objects.of(amara.pk)[:PAGE]}) == 1
    assert walk(amara) == walk(amara) == all_ids(amara)


def test_a_full_last_page_offers_nothing_older(amara: Contact) -> None:
    happen(amara, times=PAGE - 1)
    page = read(amara)
    assert (len(page.events), page.has_older, page.rest) == (PAGE, False, 0)


def test_new_events_while_paging_leave_no_gap_and_repeat_nothing(amara: Contact) -> None:
    happen(amara, times=2 * PAGE)
    before = all_ids(amara)
    first = read(amara)
    happen(amara, times=5)
    second = read(amara, before=first.oldest)
    happen(amara, times=5)
    third = read(amara, before=second.oldest)
    assert ids(first) + ids(second) + ids(third) == before


def test_other_contacts_events_are_not_shown(amara: Contact) -> None:
    ben = make_contact(given_name="Ben")
    happen(ben, times=3)
    assert not set(all_ids(amara)) & set(walk(ben))
    assert len(walk(amara)) == 1


def test_the_page_says_how_many_older_ones_there_are(amara: Contact) -> None:
    happen(amara, times=PAGE + 20)
    assert read(amara).rest == 21


def test_counting_older_events_stops_somewhere(amara: Contact, monkeypatch) -> None:
    monkeypatch.setattr(timeline, "COUNTED", 10)
    happen(amara, times=PAGE + 20)
    assert read(amara).rest == 11


def test_an_older_page_continues_a_day_without_a_second_heading(amara: Contact) -> None:
    happen(amara, times=PAGE + 5, at=NOON)
    first = read(amara)
    second = read(amara, before=first.oldest)
    continued = [(day.date, day.continued) for day in second.days]
    assert continued == [(NOON.date(), True), (timezone.localdate(), False)]
    assert [day.continued for day in first.days] == [False]


def test_what_is_newer_than_an_event(amara: Contact) -> None:
    shown = read(amara).top
    new = happen(amara, times=3)
    page = read(amara, after=shown)
    assert ids(page) == new[::-1]
    assert not page.has_older


def test_more_news_than_fit_a_page_are_not_passed_off_as_all(amara: Contact) -> None:
    shown = read(amara).top
    happen(amara, times=PAGE + 1)
    page = read(amara, after=shown)
    assert (len(page.events), page.has_older) == (PAGE, True)


def test_a_link_to_an_event_far_down_shows_what_is_around_it(amara: Contact) -> None:
    wanted = happen(amara, times=2500)[200]
    page = read(amara, at=wanted)
    assert page.linked == wanted
    assert wanted in ids(page)
    assert (page.has_older, page.has_newer) == (True, True)
    assert ids(page) == all_ids(amara)[2500 - 200 - 26 : 2500 - 200 - 26 + 51]
    assert read(amara, before=page.oldest).events[0].id == page.oldest - 1


def test_a_link_to_the_newest_event_knows_that_nothing_is_newer(amara: Contact) -> None:
    *_rest, middle, newest = happen(amara, times=PAGE // 2 + 1)
    assert not read(amara, at=newest).has_newer
    assert not read(amara, at=middle).has_newer


def test_a_page_with_all_that_is_newer_does_not_claim_more(amara: Contact) -> None:
    linked = happen(amara, times=PAGE // 2 + 1)[0]
    page = read(amara, at=linked)
    assert len([pk for pk in ids(page) if pk > linked]) == PAGE // 2
    assert not page.has_newer


def test_a_linked_event_opens_the_fold_it_is_in(amara: Contact) -> None:
    mia = make_user()
    run = happen(amara, actor=mia, times=4)
    [fold] = [row for day in read(amara, at=run[1]).days for row in day.rows if is_fold(row)]
    assert fold.is_open
    [fold] = [row for day in read(amara).days for row in day.rows if is_fold(row)]
    assert not fold.is_open


def is_fold(row: object) -> bool:
    return isinstance(row, Fold)


def test_a_linked_event_is_shown_though_the_filters_hide_it(amara: Contact) -> None:
    [archived] = happen(amara, "contact.archived")
    happen(amara, times=3)
    page = read(amara, "kind=contact.updated", at=archived)
    assert archived in ids(page)
    assert {event.verb for event in page.events} == {"contact.archived", "contact.updated"}


@pytest.mark.parametrize("at", [0, 10**18])
def test_a_link_to_no_event_shows_the_newest(amara: Contact, at: int) -> None:
    assert read(amara, at=at).linked is None
    assert ids(read(amara, at=at)) == all_ids(amara)


def test_a_link_to_another_contacts_event_is_ignored(amara: Contact) -> None:
    [other] = happen(make_contact(given_name="Ben"))
    assert read(amara, at=other).linked is None
    assert ids(read(amara, at=other)) == all_ids(amara)


def test_a_renamed_field_keeps_the_label_it_had(amara: Contact) -> None:
    [pk] = happen(amara, changes=[change(label="Telefax", old="", new="555")])
    event = ActivityEvent.objects.get(pk=pk)
    assert [each["label"] for each in event.changes] == ["Telefax"]
    assert "Telefax" in event.words


def test_days_follow_the_zone_of_the_viewer(amara: Contact) -> None:
    """Half past midnight in Berlin is still the day before in London."""
    happen(amara, at=datetime.datetime(2026, 5, 6, 22, 30, tzinfo=datetime.UTC))
    for zone, day in (("Europe/London", 6), ("Europe/Berlin", 7), ("Pacific/Kiritimati", 7)):
        with timezone.override(zone):
            assert read(amara).days[0].date == datetime.date(2026, 5, day)


def test_a_day_is_whole_where_the_clocks_change(amara: Contact) -> None:
    """The night of 25 October 2026 has 2:30 twice in Berlin; the day has 25 hours."""
    start = datetime.datetime(2026, 10, 24, 22, tzinfo=datetime.UTC)
    hours = [start + datetime.timedelta(hours=hour) for hour in range(-1, 26)]
    for hour in hours:
        happen(amara, at=hour, actor=make_user(email=f"{hour:%d%H}@annals.example"))
    with timezone.override("Europe/Berlin"):
        days = {day.date.day: len(day.rows) for day in read(amara, "kind=contact.updated").days}
    assert days == {26: 1, 25: 25, 24: 1}


def test_kiritimati_is_a_day_ahead(amara: Contact) -> None:
    happen(amara, at=datetime.datetime(2026, 12, 31, 10, 0, tzinfo=datetime.UTC))
    with timezone.override("Pacific/Kiritimati"):
        assert read(amara).days[0].date == datetime.date(2027, 1, 1)


def test_the_first_event_is_where_it_began(amara: Contact) -> None:
    happen(amara, times=3)
    happen(amara, times=PAGE)
    began = read(amara).beginning
    assert began is not None
    assert began.verb == "contact.created"
