"""The contact as it was at any moment, beside what it is today."""

import datetime
import re
from html import unescape

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from activity.context import acting
from activity.history import moment
from contacts.models import Contact
from tests.activity.test_filters import NONSENSE
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db
SPRING = datetime.datetime(2026, 5, 6, 12, 0, 30, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


def change(contact: Contact, at: datetime.datetime, **fields: object) -> None:
    """Change a contact as if it were that moment."""
    with acting(channel="web", clock=lambda: at):
        for name, value in fields.items():
            setattr(contact, name, value)
        contact.save()


@pytest.fixture
def amara() -> Contact:
    """Make a contact of 12:00:30, a director; from 13:00:30 on chair, from 14:00:30 on in Lagos."""
    with acting(channel="web", clock=lambda: SPRING):
        contact = make_contact(given_name="Amara", job_title="Director", tags=["Expo"])
    change(contact, SPRING + HOUR, job_title="Chair")
    change(contact, SPRING + 2 * HOUR, city="Lagos", tags=["Expo", "VIP"])
    return contact


def ask(client: Client, contact: Contact, at: str) -> HttpResponse:
    return client.get(reverse("contact_history", args=[contact.pk]), {"at": at})


def card(answer: HttpResponse) -> str:
    """Return the card of that moment as its reader reads it."""
    found = re.search(r'<section class="card pad then".*?</section>', answer.content.decode(), re.S)
    assert found
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", found[0])).split())


def test_without_a_moment_there_is_no_card(client: Client, mia: User, amara: Contact) -> None:
    assert 'id="then"' not in ask(client, amara, "").content.decode()


def test_the_card_shows_then_beside_today_with_differences_marked(
    client: Client, mia: User, amara: Contact
) -> None:
    answer = ask(client, amara, "2026-05-06T12:30:00")
    told = card(answer)
    assert "Amara on 6 May 2026, 12:30" in told
    assert "Version 1, since 6 May 2026, 12:00 . 3 fields are different today." in told
    assert "Given name Amara Amara" in told
    assert re.search(r"Job title different Director .*Chair", told)
    assert "City different empty" in told
    assert "Tags different Expo" in told
    page = answer.content.decode()
    assert "<del>Director</del>" in page
    assert "<ins>VIP</ins>" in page
    assert "<ins>Expo</ins>" not in page.partition('id="record"')[0]


@pytest.mark.parametrize(
    ("at", "version"),
    [
        ("2026-05-06T12:00:29", None),
        ("2026-05-06T12:00:30", 1),
        ("2026-05-06T12:00", 1),  # a minute is all of it
        ("2026-05-06T11:59", None),
        ("2026-05-06T13:00:29", 1),
        ("2026-05-06T13:00", 2),
        ("2026-05-06", 3),  # and a day, too
        ("2026-05-05", None),
        ("2026-05-06T14:30:00+02:00", 1),
        ("2026-05-06T12:00:29.999999Z", None),
        ("2026-05-06T12:00:30.000000Z", 1),
    ],
)
def test_a_moment_is_as_long_as_what_was_said(
    mia: User, amara: Contact, at: str, version: int | None
) -> None:
    row = moment.at(amara, at).row
    assert (row and row.version) == version


def test_times_without_a_zone_are_those_of_the_reader(client: Client, amara: Contact) -> None:
    client.force_login(make_user(name="Kai", time_zone="Pacific/Kiritimati"))  # UTC+14
    told = card(ask(client, amara, "2026-05-07T02:30"))
    assert "Amara on 7 May 2026, 02:30" in told
    assert "Version 1" in told
    assert "Not there yet" in card(ask(client, amara, "2026-05-07T01:30"))


def test_the_hour_that_comes_twice_is_told_apart_by_the_links_of_entries(client: Client) -> None:
    client.force_login(make_user(name="Jan", time_zone="Europe/Berlin"))
    first = datetime.datetime(2025, 10, 26, 0, 30, tzinfo=datetime.UTC)  # 02:30, summer time
    with acting(channel="web", clock=lambda: first):
        contact = make_contact(given_name="Amara", job_title="Director")
    change(contact, first + HOUR, job_title="Chair")  # 02:30 again
    page = client.get(reverse("contact_history", args=[contact.pk])).content.decode()
    links = [unescape(link) for link in re.findall(r'href="\?at=([^"#]+)#then"', page)]
    versions = [row and row.version for row in (moment.at(contact, link).row for link in links)]
    assert versions == [2, 1]
    assert moment.at(contact, "2025-10-26T02:30").row is not None


def test_an_hour_that_never_was_is_no_error(client: Client, amara: Contact) -> None:
    client.force_login(make_user(name="Jan", time_zone="Europe/Berlin"))
    assert ask(client, amara, "2026-03-29T02:30").status_code == 200


def test_the_link_of_each_entry_shows_the_contact_as_it_left_it(client: Client, mia: User) -> None:
    contact = make_contact(given_name="Amara")
    for title in ("Director", "Chair"):  # within the same second, in fact
        contact.job_title = title
        contact.save()
    page = client.get(reverse("contact_history", args=[contact.pk])).content.decode()
    links = re.findall(r'href="\?at=([^"#]+)#then"', page)
    assert [moment.at(contact, link).row.version for link in links] == [3, 2, 1]


def test_before_it_was_there_is_said_in_words(client: Client, mia: User, amara: Contact) -> None:
    told = card(ask(client, amara, "2020-01-01T00:00"))
    assert "On 1 January 2020, 00:00 this contact did not exist." in told
    assert "Amara was added on 6 May 2026, 12:00" in told


def test_what_is_to_come_is_said_in_words(client: Client, mia: User, amara: Contact) -> None:
    next_year = timezone.localtime() + datetime.timedelta(365)
    told = card(ask(client, amara, next_year.strftime("%Y-%m-%dT%H:%M")))
    assert "Nobody knows how Amara will be" in told


def test_after_the_erasure_and_before_it_nobody_can_say(
    client: Client, mia: User, amara: Contact
) -> None:
    amara.delete(reason="Asked for it")
    for at, words in (
        ("2026-05-06T12:30", "all of its versions were erased on"),
        ("2990-01-01T00:00", "this contact did not exist any more: it was erased on"),
    ):
        answer = ask(client, amara, at)
        page = answer.content.decode()
        assert answer.status_code == 410
        assert words in page
        assert "Receipt" in page
        assert "Director" not in page


@pytest.mark.parametrize("typed", [text for text in NONSENSE if text.strip()] + ["12:00", "now"])
def test_what_is_no_moment_is_said_to_be_none(
    client: Client, mia: User, amara: Contact, typed: str
) -> None:
    answer = ask(client, amara, typed.encode("utf-8", "replace").decode())
    told = card(answer)
    assert answer.status_code == 422 or "did not exist" in told or "Nobody knows" in told
    if answer.status_code == 422:
        assert "is not a date and a time" in told


def test_it_works_with_a_plain_form(client: Client, mia: User, amara: Contact) -> None:
    page = ask(client, amara, "2026-05-06T12:30:00").content.decode()
    field = re.search(r'<input[^>]*type="datetime-local"[^>]*>', page)
    assert field
    assert 'name="at"' in field[0]
    assert 'value="2026-05-06T12:30:00"' in field[0]


def test_a_value_of_then_can_be_put_back_from_the_card(
    client: Client, mia: User, amara: Contact
) -> None:
    page = ask(client, amara, "2026-05-06T12:30").content.decode().partition('id="record"')[0]
    offered = re.findall(r"history/(\d+)/put-back\?field=(\w+)&amp;seen=(\d+)", page)
    assert offered == [("1", "job_title", "3"), ("1", "city", "3"), ("1", "tags", "3")]


def test_owners_of_then_and_today_are_named(client: Client, mia: User, amara: Contact) -> None:
    change(amara, SPRING + 3 * HOUR, owner=make_user(name="Ben"))
    change(amara, SPRING + 4 * HOUR, owner=mia)
    told = card(ask(client, amara, "2026-05-06T15:30"))
    assert re.search(r"Owner different Ben .*Mia", told)
