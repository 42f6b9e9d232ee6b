"""The pages of the list: everybody once, there and back, at the same cost."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Contact, Tag
from contacts.views import listing
from tests.builders import make_contact
from tests.contacts.listing.lists import names

pytestmark = pytest.mark.django_db


def ids(response: Any) -> list[str]:
    """Return the ids of the contacts in the order in which the page lists them."""
    return re.findall(r'id="row-([^"]+)"', response.content.decode())


def link(response: Any, rel: str) -> str:
    """Return the address of the page's Previous or Next link, or an empty string."""
    found = re.search(rf'rel="{rel}" href="([^"]+)"', response.content.decode())
    return found[1].replace("&amp;", "&") if found else ""


def people(count: int) -> None:
    Contact.objects.bulk_create(
        Contact(given_name="Person", family_name=f"{number:04}") for number in range(count)
    )


@pytest.mark.parametrize("sort", ["name", "-name", "activity", "-activity"])
def test_pages_show_everybody_once_there_and_back(client, mia, monkeypatch, sort):
    monkeypatch.setattr(listing, "PAGE_SIZE", 4)
    people(6)
    Contact.objects.bulk_create(Contact(given_name="Person", family_name="0003") for _ in range(6))
    Contact.objects.update(last_activity_at=timezone.now())  # for all the same
    response = client.get(f"/contacts/?sort={sort}")
    assert not link(response, "prev")
    pages = [ids(response)]
    while after := link(response, "next"):
        response = client.get(f"/contacts/{after}")
        pages.append(ids(response))
    assert [len(page) for page in pages] == [4, 4, 4]
    everybody = {str(contact.pk) for contact in Contact.objects.all()}
    assert {key for page in pages for key in page} == everybody
    back = []
    while before := link(response, "prev"):
        response = client.get(f"/contacts/{before}")
        back.append(ids(response))
    assert back == pages[-2::-1]


def test_a_cursor_outlives_the_contact_it_was_made_at(client, mia, monkeypatch):
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    people(5)
    first = client.get("/contacts/?sort=name")
    Contact.objects.get(family_name="0001").delete()
    assert names(client.get(f"/contacts/{link(first, 'next')}")) == ["Person 0002", "Person 0003"]


def test_who_moves_up_while_somebody_pages_is_not_shown_twice(client, mia, monkeypatch):
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    for number in range(5):
        make_contact(family_name=f"{number}")
    first = client.get("/contacts/")
    assert names(first) == ["4", "3"]
    Contact.objects.filter(family_name="0").update(last_activity_at=timezone.now())
    seen, response = names(first), first
    while after := link(response, "next"):
        response = client.get(f"/contacts/{after}")
        seen += names(response)
    assert seen == ["4", "3", "2", "1"]


def test_a_cursor_of_another_order_starts_from_the_beginning(client, mia, monkeypatch):
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    people(5)
    cursor = link(client.get("/contacts/?sort=name"), "next").split("cursor=")[1]
    page = client.get(f"/contacts/?sort=-name&cursor={cursor}")
    assert names(page) == ["Person 0004", "Person 0003"]


def test_a_page_past_the_end_and_one_before_the_beginning_show_the_first(client, mia, monkeypatch):
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    people(5)
    second = client.get(f"/contacts/{link(client.get('/contacts/?sort=name'), 'next')}")
    third = link(second, "next")
    Contact.objects.filter(family_name="0004").delete()
    assert names(client.get(f"/contacts/{third}")) == ["Person 0000", "Person 0001"]
    Contact.objects.filter(family_name="0000").delete()
    assert names(client.get(f"/contacts/{link(second, 'prev')}")) == ["Person 0001", "Person 0002"]


def test_filters_stay_while_paging(client, mia, monkeypatch):
    monkeypatch.setattr(listing, "PAGE_SIZE", 1)
    for number in range(3):
        make_contact(family_name=f"Tagged {number}", tags=["VIP"])
    make_contact(family_name="Other")
    response = client.get("/contacts/?q=tagged&tag=VIP&sort=name")
    after = link(response, "next")
    assert "q=tagged" in after
    assert "tag=VIP" in after
    assert names(client.get(f"/contacts/{after}")) == ["Tagged 1"]
    assert 'name="tag" value="VIP"' in response.content.decode()  # searching on keeps the tag


def test_many_contacts_are_not_counted_to_the_last(client, mia, monkeypatch):
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    people(5)
    assert "5 contacts" in client.get("/contacts/").content.decode()
    monkeypatch.setattr(listing, "COUNT_LIMIT", 3)
    assert "More than 3 contacts" in client.get("/contacts/").content.decode()


def test_that_there_are_more_is_not_counted_again_within_a_minute(client, mia, monkeypatch):
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    monkeypatch.setattr(listing, "COUNT_LIMIT", 3)
    people(5)

    def counts(query: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert "More than 3 contacts" in client.get(f"/contacts/?{query}").content.decode()
        return sum("COUNT(" in each["sql"] for each in queries)

    assert [counts(""), counts("sort=name"), counts("status=all"), counts("")] == [1, 0, 1, 0]


def test_a_page_costs_the_same_queries_for_50_contacts_and_500(client, mia):
    def cost(query: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/contacts/{query}").status_code == 200
        return len(queries)

    people(50)
    Contact.objects.update(owner=mia, tags=["VIP"])
    Tag.remember(["VIP"])
    addresses = ("", "?sort=name", "?q=person", f"?tag=VIP&owner={mia.pk}")
    few = [cost(address) for address in addresses]
    Contact.objects.bulk_create(
        Contact(family_name=f"Person {number}", owner=mia, tags=["VIP"]) for number in range(450)
    )
    many = [cost(address) for address in addresses]
    # Counting is only needed where there is more than one page; before the matches of words, or
    # somebody's of a tag, are counted, a look at how many contacts there are tells whether that is
    # quick.
    assert [more - less for more, less in zip(many, few, strict=True)] == [1, 1, 2, 2]
    assert max(many[:2]) <= 9
    assert max(many[2:]) <= 11
