"""The last twelve weeks beside a contact."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from activity.ledger.sealing import seal_pending
from activity.pictures import strip as strips
from activity.pictures.strip import WEEKS, strip
from contacts.models import Contact
from tests.activity.happenings import happen
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def amara() -> Contact:
    return make_contact()


@pytest.fixture
def vic(client: Client) -> Any:
    user = make_user("viewer", name="Vic")
    client.force_login(user)
    return user


def ago(**time: float) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(**time)


def weeks(contact: Contact) -> list[tuple[int, ...]]:
    return [stretch.counts for stretch in strip(contact).bars.stretches]


def test_it_tells_people_and_changes_apart_week_by_week(amara: Contact) -> None:
    happen(amara, at=ago(weeks=11), times=2)
    happen(amara, at=ago(weeks=3), times=4)
    happen(amara, "contact.archived", at=ago(weeks=3))
    happen(amara, "contact.archived", at=ago(weeks=13))
    seal_pending()
    happen(amara, "contact.restored", at=ago(minutes=1))
    counts = weeks(amara)
    assert len(counts) == WEEKS
    assert counts[0] == (0, 2)
    assert counts[8] == (1, 4)
    assert counts[11] == (1, 1)  # and that the contact was created
    assert sum(map(sum, counts)) == 9


def test_its_last_week_ends_today_and_leads_to_the_same_days_of_the_timeline(
    client: Client, vic: Any, amara: Contact
) -> None:
    last = strip(amara).bars.stretches[-1]
    assert last.until == timezone.localdate()
    assert (last.until - last.since).days == 6
    make_comment(amara, body="Found again")
    page = client.get(f"{amara.get_absolute_url()}?{last.query}").content.decode()
    assert "Found again" in page


def test_what_has_no_row_of_its_own_is_not_counted(amara: Contact) -> None:
    before = strip(amara).bars.total
    comment = make_comment(amara)
    comment.edit("Other words", comment.version)
    assert strip(amara).bars.total == before + 1


def test_what_happened_with_a_merged_contact_counts(amara: Contact) -> None:
    twin = make_contact(given_name="Amara", family_name="Twin")
    happen(twin, at=ago(days=2), times=5)
    apart = strip(amara).bars.total + strip(twin).bars.total
    amara.absorb(twin, {})
    assert strip(amara).bars.total == apart + 1  # the merger, told once


def test_beyond_a_number_it_counts_no_more_and_says_so(
    amara: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strips, "COUNTED", 3)
    happen(amara, at=ago(days=1), times=10)
    assert strip(amara).caption == "3+ entries"


def test_it_comes_with_a_sentence_and_a_table(client: Client, vic: Any, amara: Contact) -> None:
    happen(amara, at=ago(days=1), times=3)
    answer = client.get(reverse("contact_strip", args=[amara.pk]), headers=HTMX)
    html = answer.content.decode()
    last = strip(amara).bars.stretches[-1]
    assert f"Entries in the last 12 weeks: 4 in all. The peak is 4, {last.name}." in html
    assert f'<a href="{amara.get_absolute_url()}?from={last.since}&amp;to={last.until}">' in html
    assert f"{last.name} 0 4" in " ".join(strip_tags(html.replace("<", " <")).split())
    assert "style=" not in html
    assert "<html" not in html


def test_without_scripts_it_is_a_page_that_the_contact_links_to(
    client: Client, vic: Any, amara: Contact
) -> None:
    address = reverse("contact_strip", args=[amara.pk])
    assert (
        f'<a href="{address}">Last 12 weeks</a>'
        in client.get(amara.get_absolute_url()).content.decode()
    )
    page = client.get(address).content.decode()
    assert "<h1>Last 12 weeks of Amara Okonkwo</h1>" in page
    assert "<details" in page


def test_a_contact_without_entries_in_these_weeks_says_so(
    client: Client, vic: Any, amara: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = timezone.now() + datetime.timedelta(weeks=20)
    monkeypatch.setattr(timezone, "localdate", later.date)
    assert strip(amara).summary == "Entries in the last 12 weeks: none."


def test_it_costs_one_query_beside_who_asks_and_whom_about(
    client: Client, vic: Any, amara: Contact
) -> None:
    address = reverse("contact_strip", args=[amara.pk])
    client.get(address, headers=HTMX)
    happen(amara, at=ago(days=1), times=50)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address, headers=HTMX).status_code == 200
    assert len(queries) <= 4


def test_it_is_for_those_who_may_see_the_contact(client: Client, amara: Contact) -> None:
    address = reverse("contact_strip", args=[amara.pk])
    client.force_login(make_user("viewer", name="Left", email="left@annals.example"))
    amara.delete(reason="Asked for it")
    assert client.get(address, headers=HTMX).status_code == 410
    assert client.get(address.replace(str(amara.pk)[:4], "ffff")).status_code == 404
