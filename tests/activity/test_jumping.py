"""Links into a timeline: to a day, and to an event that the reader's filters would hide."""

import datetime
import re

import pytest
from django.test import Client

from accounts.models import User
from activity.timeline import HALF, PAGE
from contacts.models import Contact
from tests.activity.happenings import NOON, happen
from tests.activity.timeline_pages import html, shown, text
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def mia(client: Client) -> User:
    mia = make_user(name="Mia")
    client.force_login(mia)
    return mia


@pytest.fixture
def year(mia: User) -> Contact:
    """Return a contact with one archiving on each second day, from 6 May 2026 on."""
    amara = make_contact()
    for number in range(100):
        happen(amara, "contact.archived", at=NOON + 2 * number * DAY, actor=mia)
    return amara


def landing(page: str) -> list[str]:
    """Return the days whose heading the page begins at."""
    return re.findall(r'<h3 id="day-([\d-]+)" tabindex="-1" autofocus', page)


def days(page: str) -> list[str]:
    return re.findall(r'data-day="([\d-]+)"', page)


def test_a_day_is_shown_with_what_is_around_it(client: Client, year: Contact) -> None:
    page = html(client, year.get_absolute_url(), day="2026-07-05")
    assert landing(page) == ["2026-07-05"]
    found = days(page)
    assert len(found) == PAGE
    assert found.index("2026-07-05") == HALF
    assert "Back to the newest" in text(page)
    assert "older event" in text(page)


def test_a_day_without_events_leads_to_the_one_before_and_says_so(
    client: Client, year: Contact
) -> None:
    page = html(client, year.get_absolute_url(), day="2026-07-06")
    assert landing(page) == ["2026-07-05"]
    assert "Nothing to show on 6 July 2026. The nearest is 5 July 2026." in text(page)


def test_a_day_before_the_first_event_leads_to_the_first(client: Client, year: Contact) -> None:
    page = html(client, year.get_absolute_url(), day="2020-01-01")
    assert landing(page) == [days(page)[-1]]
    assert "Nothing to show on 1 January 2020" in text(page)


def test_a_day_to_come_leads_to_the_newest(client: Client, year: Contact) -> None:
    page = html(client, year.get_absolute_url(), day="2100-01-01")
    assert landing(page) == [days(page)[0]]
    assert "Back to the newest" not in text(page)


def test_a_day_where_nothing_matches_says_so(client: Client, year: Contact) -> None:
    page = html(client, year.get_absolute_url(), day="2026-07-05", q="unheard of")
    assert "Nothing to show on 5 July 2026 or around it." in text(page)
    assert "Nothing matches" in text(page)


def test_jumping_keeps_the_filters(client: Client, year: Contact) -> None:
    page = html(client, year.get_absolute_url(), group="people", q="mia")
    [form] = re.findall(r'<form popover id="jump-menu".*?</form>', page, re.DOTALL)
    assert dict(re.findall(r'name="(\w+)" value="([^"]*)"', form)) == {
        "group": "people", "q": "mia", "day": "",
    }  # fmt: skip
    page = html(client, year.get_absolute_url(), group="people", q="mia", day="2026-07-05")
    assert re.search(r'href="[^"]*\?group=people&amp;q=mia">.*?Back to the newest', page, re.DOTALL)


@pytest.mark.parametrize("day", ["", "x", "2026-02-31", "99999-01-01", "\x00", "0001-01-01"])
def test_no_such_day_shows_the_newest(client: Client, year: Contact, day: str) -> None:
    page = html(client, year.get_absolute_url(), day=day)
    assert not landing(page)
    assert "Back to the newest" not in text(page)


def test_a_page_of_another_day_is_not_all_that_is_new(client: Client, year: Contact) -> None:
    assert 'name="newest"' not in html(client, year.get_absolute_url(), day="2026-07-05")


@pytest.mark.parametrize("hiding", ["group=people", "q=unheard", "from=2099-01-01"])
def test_a_link_to_what_the_filters_hide_shows_it_and_says_so(
    client: Client, mia: User, hiding: str
) -> None:
    amara = make_contact()
    [wanted] = happen(amara, actor=mia)
    page = html(client, amara.get_absolute_url(), at=wanted, **dict([hiding.split("=")]))
    assert f'<li class="ev linked" id="e-{wanted}"' in page
    assert "This entry is outside of your filters." in text(page)
    assert f'href="?group=all&amp;at={wanted}#e-{wanted}"' in page
    everything = html(client, amara.get_absolute_url(), at=wanted, group="all")
    assert "outside of your filters" not in text(everything)
    assert wanted in shown(everything)


def test_a_link_to_what_the_filters_show_says_nothing(client: Client, mia: User) -> None:
    amara = make_contact()
    [wanted] = happen(amara, actor=mia)
    page = html(client, amara.get_absolute_url(), at=wanted, group="changes")
    assert f'id="e-{wanted}"' in page
    assert "outside of your filters" not in text(page)


def test_a_link_leads_past_the_part_that_was_chosen_last(client: Client, mia: User) -> None:
    amara = make_contact()
    [wanted] = happen(amara, actor=mia)
    mia.open_timelines_with("people")
    page = html(client, amara.get_absolute_url(), at=wanted)
    assert "This entry is outside of your filters." in text(page)
    assert re.search(rf'id="e-{wanted}"[^>]* tabindex="-1" aria-current="true" autofocus', page)
