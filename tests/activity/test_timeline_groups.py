"""The parts of a timeline to choose from, how many each has, and that the choice is kept."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from activity import timeline
from activity.context import acting
from contacts.models import Contact
from tests.activity.happenings import happen
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
def amara(mia: User) -> Contact:
    """Return a contact that was created, changed three times and commented on twice."""
    amara = make_contact()
    for _each in range(3):
        happen(amara, actor=make_user(email=f"{_each}@annals.example"))
    with acting(actor=mia):
        for body in ("Call back", "Called back"):
            make_comment(amara, mia, body)
    return amara


def groups(page: str) -> dict[str, tuple[str, bool]]:
    """Return {group: (its count as shown, whether it is chosen)}."""
    found = re.findall(
        r'name="show" value="(\w+)" aria-pressed="(\w+)">\w+(?: <span class="count">([^<]*))?', page
    )
    return {name: (count, pressed == "true") for name, pressed, count in found}


def choose(client: Client, contact: Contact, group: str, **typed: str) -> Any:
    address = reverse("timeline_group", args=[contact.pk])
    return client.post(address, {"show": group, **typed}, headers=HTMX)


def verbs(page: str) -> set[str]:
    return set(re.findall(r'data-verb="([\w.]+)"', page))


def test_each_part_says_how_much_it_has(client: Client, amara: Contact) -> None:
    assert groups(html(client, amara.get_absolute_url())) == {
        "all": ("6", True), "people": ("2", False), "changes": ("3", False),
    }  # fmt: skip


def test_counts_are_of_what_the_other_filters_leave(
    client: Client, mia: User, amara: Contact
) -> None:
    page = html(client, amara.get_absolute_url(), actor=str(mia.pk), group="people")
    assert groups(page)["all"] == ("2", False)
    assert groups(page)["changes"] == ("0", False)


def test_counting_stops_at_a_thousand(client: Client, amara: Contact, monkeypatch: Any) -> None:
    monkeypatch.setattr(timeline, "COUNTED", 4)
    monkeypatch.setattr("activity.toolbar.COUNTED", 4)
    happen(amara, times=timeline.PAGE)
    found = groups(html(client, amara.get_absolute_url()))
    assert (found["all"][0], found["people"][0], found["changes"][0]) == ("4+", "2+", "4+")


def test_what_is_searched_for_is_not_counted(client: Client, amara: Contact) -> None:
    assert groups(html(client, amara.get_absolute_url(), q="back"))["all"] == ("", True)


def test_a_part_that_was_chosen_is_shown_with_its_address(client: Client, amara: Contact) -> None:
    answer = choose(client, amara, "people", q="called")
    page = answer.content.decode()
    assert verbs(page) == {"comment.added"}
    assert len(shown(page)) == 1
    address = f"{amara.get_absolute_url()}?group=people&q=called"
    assert answer.headers["HX-Replace-Url"] == address


def test_timelines_open_with_the_part_that_was_chosen_last_and_say_so(
    client: Client, amara: Contact
) -> None:
    choose(client, amara, "changes")
    other = make_contact(given_name="Ben")
    make_comment(other, body="Hello")
    page = html(client, other.get_absolute_url())
    assert groups(page)["changes"][1]
    assert "Shown like this as you chose it last time." in text(page)
    assert verbs(page) == set()
    choose(client, other, "all")
    page = html(client, other.get_absolute_url())
    assert groups(page)["all"][1]
    assert "Shown like this" not in text(page)
    assert verbs(page) == {"comment.added", "contact.created"}


def test_each_person_has_their_own_choice(client: Client, amara: Contact) -> None:
    choose(client, amara, "people")
    client.force_login(make_user(name="Ben"))
    assert groups(html(client, amara.get_absolute_url()))["all"][1]


@pytest.mark.parametrize("query", ["group=all", "q=call", "kind=comment.added"])
def test_an_address_that_says_what_it_shows_shows_the_same_to_everybody(
    client: Client, amara: Contact, query: str
) -> None:
    choose(client, amara, "changes")
    page = client.get(f"{amara.get_absolute_url()}?{query}").content.decode()
    assert groups(page)["all"][1]
    assert "comment.added" in verbs(page)


def test_older_events_are_of_the_same_part(client: Client, mia: User, amara: Contact) -> None:
    happen(amara, "contact.archived", times=timeline.PAGE, actor=mia)
    choose(client, amara, "people")
    page = html(client, amara.get_absolute_url())
    [older] = re.findall(r'hx-get="([^"]*/timeline/older\?[^"]*)"', page)
    rest = client.get(older.replace("&amp;", "&"), headers=HTMX).content.decode()
    assert verbs(rest) == {"comment.added"}
    choose(client, amara, "all")
    page = html(client, amara.get_absolute_url(), group="changes")
    assert "where it began" not in text(page)


def test_without_javascript_the_choice_leads_back_to_the_page(
    client: Client, mia: User, amara: Contact
) -> None:
    address = reverse("timeline_group", args=[amara.pk])
    answer = client.post(address, {"show": "people", "q": "call"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{amara.get_absolute_url()}?group=people&q=call"
    mia.refresh_from_db()
    assert mia.timeline_group == "people"


@pytest.mark.parametrize("value", ["", "team", "\x00", "<script>"])
def test_no_such_part_is_all_of_it(client: Client, mia: User, amara: Contact, value: str) -> None:
    choose(client, amara, "people")
    assert choose(client, amara, value).status_code == 200
    mia.refresh_from_db()
    assert mia.timeline_group == ""


def test_what_one_did_shows_whatever_part_is_shown(client: Client, amara: Contact) -> None:
    choose(client, amara, "changes")
    page = html(client, amara.get_absolute_url())
    [fields] = re.findall(r'<form id="newest".*?</form>', page, re.DOTALL)
    told = dict(re.findall(r'name="(newest|showing|top_day)" value="([^"]*)"', fields))
    assert told["showing"] == "changes"
    make_comment(amara, make_user(name="Ben"), "Of somebody else")
    address = reverse("contact_archive", args=[amara.pk])
    answer = client.post(address, {"reason": "", **told}, headers=HTMX).content.decode()
    assert verbs(answer) == {"contact.archived"}
    assert f'name="showing" value="{told["showing"]}"' in answer


def chips(page: str) -> dict[str, str]:
    """Return {what a chip says: the query string that it leads to}."""
    found = re.findall(r'href="([^"]*)" hx-get[^>]*><span class="vh">.*?<bdi[^>]*>(.*?)<', page)
    return {words: link.replace("&amp;", "&").partition("?")[2] for link, words in found}


def test_each_filter_has_a_chip_that_takes_it_off(
    client: Client, mia: User, amara: Contact
) -> None:
    since = f"{timezone.localdate().year}-05-06"
    query = {"q": "back", "actor": str(mia.pk), "from": since, "kind": "comment.added"}
    found = chips(html(client, amara.get_absolute_url(), **query))
    assert list(found) == ["“back”", "Comments", "By Mia", "Since 6 May"]
    assert "q=" not in found["“back”"]
    assert all(name in found["“back”"] for name in ("actor=", "from=", "kind="))
    assert "actor=" not in found["By Mia"]


def test_the_last_chip_leads_to_everything_whatever_was_chosen_last(
    client: Client, amara: Contact
) -> None:
    assert chips(html(client, amara.get_absolute_url(), q="back")) == {"“back”": ""}
    choose(client, amara, "changes")
    assert chips(html(client, amara.get_absolute_url(), q="back")) == {"“back”": "group=all"}


def test_the_page_says_how_many_entries_match(client: Client, amara: Contact) -> None:
    assert "2 entries match" in text(html(client, amara.get_absolute_url(), q="back"))
    happen(amara, times=timeline.PAGE + 1)
    page = text(html(client, amara.get_absolute_url(), kind="contact.updated"))
    assert "The nearest 50 entries that match" in page


def test_one_s_own_comment_shows_after_it_was_sent_without_a_script(
    client: Client, amara: Contact
) -> None:
    choose(client, amara, "changes")
    body = {"body": "Told her", "id": str(uuid7())}
    sent = client.post(reverse("contact_comments", args=[amara.pk]), body, follow=True)
    assert "Told her" in text(sent.content.decode())
    assert groups(html(client, amara.get_absolute_url()))["changes"][1]  # the choice is kept
