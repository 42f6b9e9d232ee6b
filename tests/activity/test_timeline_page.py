"""The Activity tab around its rows: pages, links, filters, empty states, and what it costs."""

import datetime
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from activity.context import acting
from activity.timeline import PAGE
from contacts.models import Contact
from tests.activity.happenings import NOON, happen
from tests.activity.test_filters import NONSENSE
from tests.activity.timeline_pages import html, shown, text
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db


HTMX = {"HX-Request": "true"}


@pytest.fixture
def mia(client: Client) -> User:
    mia = make_user(name="Mia")
    client.force_login(mia)
    return mia


@pytest.fixture
def amara() -> Contact:
    return make_contact()


def test_a_new_contact_is_quiet_so_far(client: Client, mia: User, amara: Contact) -> None:
    page = text(html(client, amara.get_absolute_url()))
    assert "Quiet so far" in page
    assert "Nothing matches" not in page
    assert "created this contact" in page


def test_nothing_that_matches_is_not_nothing_yet(client: Client, mia: User, amara: Contact) -> None:
    page = text(html(client, amara.get_absolute_url(), q="unheard of"))
    assert "Nothing matches" in page
    assert "Clear filters" in page
    assert "Quiet so far" not in page


def test_older_events_come_page_by_page(client: Client, mia: User, amara: Contact) -> None:
    happen(amara, "contact.archived", times=2 * PAGE, actor=mia)
    page = html(client, amara.get_absolute_url())
    seen, heading = shown(page), page.count('id="day-2026-05-06"')
    assert "Show 51 older events" in text(page)
    while match := re.search(r'hx-get="([^"]*/timeline/older\?[^"]*)"', page):
        page = client.get(match[1].replace("&amp;", "&"), headers=HTMX).content.decode()
        seen += shown(page)
        heading += page.count('id="day-2026-05-06"')
    assert (len(seen), len(set(seen)), heading) == (2 * PAGE + 1, 2 * PAGE + 1, 1)


def test_older_events_come_without_javascript_too(
    client: Client, mia: User, amara: Contact
) -> None:
    happen(amara, "contact.archived", times=PAGE, actor=mia)
    page = html(client, amara.get_absolute_url(), kind="contact.archived", at="1")
    assert not re.search(r"older event", text(page))
    page = html(client, amara.get_absolute_url(), group="people", actor=str(mia.pk))
    happen(amara, "contact.archived", times=PAGE, actor=mia)
    page = html(client, amara.get_absolute_url(), group="people", actor=str(mia.pk))
    link = re.search(r'href="(\?[^"]*before=\d+)"', page)
    assert link
    older = html(client, amara.get_absolute_url() + link[1].replace("&amp;", "&"))
    assert len(shown(older)) == PAGE
    assert not set(shown(older)) & set(shown(page))
    assert "Back to the newest" in older


def test_a_link_to_an_event_forty_pages_down_shows_and_marks_it(
    client: Client, mia: User, amara: Contact
) -> None:
    wanted = happen(amara, "contact.archived", times=41 * PAGE, actor=mia)[10]
    page = html(client, amara.get_absolute_url(), at=wanted)
    assert f'<li class="ev linked" id="e-{wanted}"' in page
    assert "Back to the newest" in page


def test_a_link_into_a_fold_opens_it(client: Client, mia: User, amara: Contact) -> None:
    run = happen(amara, times=4, actor=mia)
    assert '<details class="fold" open>' in html(client, amara.get_absolute_url(), at=run[2])
    assert '<details class="fold">' in html(client, amara.get_absolute_url())


NAMES = ["kind", "group", "actor", "from", "to", "q", "before", "at"]


@pytest.mark.parametrize("name", NAMES)
def test_nonsense_in_the_address_never_breaks_a_page(
    client: Client, mia: User, amara: Contact, name: str
) -> None:
    for value in NONSENSE:
        html(client, amara.get_absolute_url(), **{name: value.encode("utf-8", "replace")})


@pytest.mark.parametrize("name", ["timeline", "timeline_older"])
def test_nonsense_in_the_address_never_breaks_a_fragment(
    client: Client, mia: User, amara: Contact, name: str
) -> None:
    for value in NONSENSE:
        asked = dict.fromkeys(NAMES, value.encode("utf-8", "replace"))
        html(client, reverse(name, args=[amara.pk]), **asked)


def test_filtering_puts_the_filters_into_the_address(
    client: Client, mia: User, amara: Contact
) -> None:
    path = reverse("timeline", args=[amara.pk])
    query = {"q": "", "group": "", "kind": "contact.archived", "from": ""}
    answer = client.get(path, query, headers=HTMX)
    assert answer.headers["HX-Replace-Url"] == amara.get_absolute_url() + "?kind=contact.archived"
    assert "<html" not in answer.content.decode()


def test_a_filtered_page_lets_an_action_load_it_anew(
    client: Client, mia: User, amara: Contact
) -> None:
    happen(amara, actor=mia)
    assert 'name="newest"' in html(client, amara.get_absolute_url())
    for query in ({"kind": "contact.updated"}, {"group": "people", "q": "x"}, {"before": "9" * 9}):
        assert 'name="newest"' not in html(client, amara.get_absolute_url(), **query)


def page_queries(client: Client, contact: Contact) -> list[str]:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        html(client, contact.get_absolute_url())
    signing_in = ("django_session", '"accounts_user"."id" = ', "auth_permission")
    return [q["sql"] for q in queries if not any(part in q["sql"] for part in signing_in)]


def test_a_long_history_costs_no_more_queries_than_a_short_one(
    client: Client, mia: User, amara: Contact
) -> None:
    long = make_contact(given_name="Ben")
    people = [mia, *(make_user(email=f"p{n}@annals.example") for n in range(5))]
    for contact, rounds in ((amara, 1), (long, 100)):
        for number in range(rounds):
            at = NOON + datetime.timedelta(minutes=number)
            happen(contact, "contact.archived", at=at, actor=people[number % 6], times=50)
        for person in people:
            with acting(actor=person):
                make_comment(contact, person, "Hello")
    html(client, amara.get_absolute_url())
    short, much = page_queries(client, amara), page_queries(client, long)
    assert len(short) == len(much) <= 10, "\n".join(much)


def test_only_what_can_happen_to_a_contact_can_be_chosen(
    client: Client, mia: User, amara: Contact
) -> None:
    for address in (amara.get_absolute_url(), reverse("contact_history", args=[amara.pk])):
        kinds = set(re.findall(r'name="kind" value="([\w.]+)"', html(client, address)))
        assert {"contact.updated", "comment.added", "value.restored"} <= kinds
        assert not {"user.signed_in", "ledger.sealed", "import.finished", "log.viewed"} & kinds
