"""From a contact to the previous and the next one of the list that somebody came from."""

import re
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from contacts import switching
from contacts.models import Contact
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
BY_NAME = "sort=name"


@pytest.fixture(autouse=True)
def mia(client: Client) -> User:
    mia = make_user(name="Mia")
    client.force_login(mia)
    return mia


@pytest.fixture
def three() -> list[Contact]:
    """Return Ann, Bob and Cid, of whom Cid was active last."""
    return [
        make_contact(given_name=name, family_name="Okonkwo", tags=["VIP"] if name != "Bob" else [])
        for name in ("Ann", "Bob", "Cid")
    ]


def switch(client: Client, contact: Contact, query: str) -> dict[str, str]:
    """Return where the links lead that the page asks for, by what they say."""
    address = reverse("contact_neighbours", args=[contact.pk])
    html = client.get(address, {"list": query}, headers=HTMX).content.decode()
    links = re.findall(r'<a [^>]*?href="([^"]*)"(?:[^>]*aria-label="([^"]*)")?[^>]*>([^<]*)', html)
    return {label or text: href for href, label, text in links}


def of(contact: Contact, query: str) -> str:
    return f"{contact.get_absolute_url()}?list={quote(query, safe='')}"


def test_the_page_asks_for_neighbours_where_it_was_opened_from_a_list(
    client: Client, three: list[Contact]
) -> None:
    address = reverse("contact_neighbours", args=[three[0].pk])
    page = three[0].get_absolute_url()
    assert address not in client.get(page).content.decode()
    listed = {"Referer": "http://testserver/contacts/?status=all&sort=name"}
    asked = f'hx-get="{address}?list=status%3Dall%26sort%3Dname"'
    assert asked in client.get(page, headers=listed).content.decode()
    assert (
        f'hx-get="{address}?list=sort%3Dname"' in client.get(of(three[0], BY_NAME)).content.decode()
    )


@pytest.mark.parametrize(
    "referrer", ["http://evil.example/contacts/?q=x", "http://testserver/log/?q=x", "http://[", ""]
)
def test_another_page_is_no_list(client: Client, three: list[Contact], referrer: str) -> None:
    page = client.get(three[0].get_absolute_url(), headers={"Referer": referrer})
    assert "neighbours" not in page.content.decode()


def test_links_lead_both_ways_and_back_in_the_lists_order(
    client: Client, three: list[Contact]
) -> None:
    ann, bob, cid = three
    assert switch(client, bob, BY_NAME) == {
        "Previous: Ann Okonkwo": of(ann, BY_NAME),
        "2 of 3": f"/contacts/?{BY_NAME}",
        "Next: Cid Okonkwo": of(cid, BY_NAME),
    }
    assert list(switch(client, bob, "")) == [
        "Previous: Cid Okonkwo", "2 of 3", "Next: Ann Okonkwo",
    ]  # fmt: skip


def test_the_lists_filter_is_followed(client: Client, three: list[Contact]) -> None:
    ann, _bob, cid = three
    query = "tag=VIP&sort=name"
    assert switch(client, ann, query) == {
        "1 of 2": "/contacts/?tag=VIP&amp;sort=name",
        "Next: Cid Okonkwo": of(cid, query),
    }


def test_words_are_followed_without_a_count(client: Client, three: list[Contact]) -> None:
    assert list(switch(client, three[0], "q=okon&sort=name")) == [
        "Back to the list", "Next: Bob Okonkwo",
    ]  # fmt: skip


def test_who_left_the_list_still_leads_on(client: Client, three: list[Contact]) -> None:
    three[1].archive()
    assert list(switch(client, three[1], BY_NAME)) == [
        "Previous: Ann Okonkwo", "Back to the list", "Next: Cid Okonkwo",
    ]  # fmt: skip


def test_a_long_list_is_not_counted(
    client: Client, three: list[Contact], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(switching, "TOLD_MAX", 2)
    assert "Back to the list" in switch(client, three[1], BY_NAME)


def test_nonsense_is_the_whole_list(client: Client, three: list[Contact]) -> None:
    for query in ("owner=x&tag=%00", "\x00", "sort=%FF", "x" * 9_000):
        assert len(switch(client, three[1], query)) >= 2


def test_without_javascript_links_lead_to_the_neighbours(
    client: Client, three: list[Contact]
) -> None:
    ann, bob, _cid = three
    page = client.get(of(ann, BY_NAME)).content.decode()
    hidden = page[page.index("<noscript>", page.index("crumbs")) :]
    previous, following = (
        link.replace("&amp;", "&") for link in re.findall(r'<a href="([^"]*)"', hidden)[:2]
    )
    assert client.get(following).url == of(bob, BY_NAME)
    assert client.get(previous).url == f"/contacts/?{BY_NAME}"


def test_a_deleted_contact_has_none(client: Client, three: list[Contact]) -> None:
    three[0].delete()
    address = reverse("contact_neighbours", args=[three[0].pk])
    assert client.get(address, headers=HTMX).status_code == 410


def test_it_takes_few_queries_whatever_the_list(
    client: Client, three: list[Contact], django_assert_max_num_queries: object
) -> None:
    for query in ("", BY_NAME, "tag=VIP", "status=all&owner=none"):
        with django_assert_max_num_queries(8):
            switch(client, three[1], query)
