"""The list of contacts: what it shows, how it is narrowed, ordered and paged."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from contacts.models import Contact, Tag
from contacts.views import listing
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def mia(client: Client) -> Any:
    user = make_user(name="Mia")
    client.force_login(user)
    return user


def names(response: Any) -> list[str]:
    """Return the names in the order in which the page lists them."""
    return re.findall(r'<a href="/contacts/[^"]+/"><bdi>(.*?)</bdi>', response.content.decode())


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


def test_the_list_says_who_where_and_what_happened_last(client, mia):
    contact = make_contact(job_title="Head of Operations", tags=["Depot rollout", "VIP"], owner=mia)
    page = client.get("/contacts/").content.decode()
    for shown in ("Amara Okonkwo", "Calder &amp; Wren", "Head of Operations", "Contact created"):
        assert shown in page
    assert f'href="/contacts/{contact.pk}/"' in page
    assert "Depot rollout" in page
    assert "more: VIP" in page
    assert 'title="Mia"' in page


def test_archived_contacts_have_a_list_of_their_own(client, mia):
    make_contact(given_name="Still", family_name="Here")
    make_contact(given_name="Put", family_name="Away").archive()
    assert names(client.get("/contacts/")) == ["Still Here"]
    assert names(client.get("/contacts/?status=archived")) == ["Put Away"]
    assert set(names(client.get("/contacts/?status=all"))) == {"Still Here", "Put Away"}


def test_the_newest_activity_comes_first_unless_asked_otherwise(client, mia):
    for family in ("Beta", "alpha", "Öz"):
        make_contact(given_name="P", family_name=family)
    assert names(client.get("/contacts/")) == ["P Öz", "P alpha", "P Beta"]
    assert names(client.get("/contacts/?sort=activity")) == ["P Beta", "P alpha", "P Öz"]
    assert names(client.get("/contacts/?sort=name")) == ["P alpha", "P Beta", "P Öz"]
    assert names(client.get("/contacts/?sort=-name")) == ["P Öz", "P Beta", "P alpha"]


def test_a_tag_and_an_owner_narrow_the_list_and_can_be_taken_off(client, mia):
    ben = make_user(name="Ben")
    make_contact(family_name="Hers", tags=["VIP"], owner=mia)
    make_contact(family_name="His", tags=["VIP"], owner=ben)
    make_contact(family_name="Nobodys")
    Tag.remember(["VIP"])
    assert set(names(client.get("/contacts/?tag=VIP"))) == {"Hers", "His"}
    assert names(client.get("/contacts/?owner=none")) == ["Nobodys"]
    both = client.get(f"/contacts/?tag=VIP&owner={ben.pk}")
    assert names(both) == ["His"]
    page = both.content.decode()
    assert "Tag: VIP" in page
    assert "Owner: Ben" in page
    assert f'<a class="btn on wide-only" href="?owner={ben.pk}">' in page


def test_the_contacts_of_somebody_who_left_can_still_be_listed(client, mia):
    ben = make_user(name="Ben", is_active=False)
    make_contact(family_name="His", owner=ben)
    page = client.get(f"/contacts/?owner={ben.pk}")
    assert names(page) == ["His"]
    assert f"owner={ben.pk}" not in client.get("/contacts/").content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "status=nonsense",
        "sort=;drop",
        "owner=nobody-has-this-id",
        "owner=00000000-0000-0000-0000-000000000000",
        "cursor=forged",
        "cursor=a:b:c",
        "cursor=WyJhZnRlciIsIngiLCJ5Il0:1:2",
        "tag=%00",
        "q=%00&cursor=%00&status=%00",
    ],
)
def test_an_address_that_makes_no_sense_shows_the_list(client, mia, query):
    make_contact()
    response = client.get(f"/contacts/?{query}")
    assert response.status_code == 200
    assert names(response) == ["Amara Okonkwo"]


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
    assert max(many[:2]) <= 8
    assert max(many[2:]) <= 10


def test_the_two_empty_lists_are_different(client, mia):
    page = client.get("/contacts/").content.decode()
    assert "No contacts yet" in page
    assert "New contact" in page
    make_contact()
    page = client.get("/contacts/?q=hafen").content.decode()
    assert "Nobody matches “hafen”" in page
    assert "Clear filters" in page
    assert "Look in the archive" not in page


def test_who_matches_in_the_archive_is_one_press_away(client, mia):
    make_contact(family_name="Hafenmeister").archive()
    page = client.get("/contacts/?q=hafen").content.decode()
    assert "Nobody matches “hafen”" in page
    assert "Look in the archive: 1 match" in page
    assert 'href="?q=hafen&amp;status=archived"' in page


def test_an_empty_archive_and_a_list_with_everybody_archived_say_so(client, mia):
    contact = make_contact()
    assert "Nobody is archived" in client.get("/contacts/?status=archived").content.decode()
    contact.archive()
    assert "Everybody is archived" in client.get("/contacts/").content.decode()


def test_a_viewer_sees_the_list_without_its_buttons(client):
    client.force_login(make_user(name="Vic"))
    for page in (client.get("/contacts/").content.decode(),):
        assert "As soon as somebody on the team adds one" in page
    make_contact()
    page = client.get("/contacts/").content.decode()
    assert "Amara Okonkwo" in page
    assert "/contacts/new" not in page
    assert "/imports/" not in page


def test_a_manager_is_offered_the_import_and_a_member_is_not(client, mia):
    assert "/imports/" not in client.get("/contacts/").content.decode()
    client.force_login(make_user(name="Max"))
    assert "Import contacts" in client.get("/contacts/").content.decode()


def test_nobody_sees_the_list_without_signing_in(client):
    response = client.get("/contacts/")
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/login/")


def test_somebody_without_a_role_is_refused(client):
    client.force_login(User.objects.create_user("new@annals.example", name="New"))
    assert client.get("/contacts/").status_code == 403


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_list_can_only_be_read(client, mia, method):
    assert getattr(client, method)("/contacts/").status_code == 405


def test_markup_in_names_and_searches_is_text(client, mia):
    evil = '"><script>alert(1)</script>'
    make_contact(given_name=evil, organisation=evil, job_title=evil, tags=[evil])
    Tag.remember([evil])
    page = client.get("/contacts/", {"q": "script", "tag": evil}).content.decode()
    assert "<script>alert" not in page
    assert names(client.get("/contacts/")) != []
    assert "<script>alert" not in client.get("/contacts/", {"q": evil}).content.decode()
