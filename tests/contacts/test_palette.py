"""The palette and the list of keys, as the server draws them."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from contacts.models import Recent, SavedView
from contacts.palette import PAGES
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def mia(client: Client) -> User:
    mia = make_user(name="Mia")
    client.force_login(mia)
    return mia


def palette(client: Client, htmx: bool = True, **asked: str) -> str:
    answer = client.get(reverse("palette"), asked, headers=HTMX if htmx else {})
    assert answer.status_code == 200
    return answer.content.decode()


def links(html: str) -> list[str]:
    return re.findall(r'<a class="menu-item"[^>]* href="([^"]*)"', html)


def test_it_opens_with_the_contacts_opened_last_and_all_pages(client: Client, mia: User) -> None:
    first, last = make_contact(), make_contact(given_name="Bo")
    for contact in (first, last):
        Recent.objects.note(mia, contact)
    html = palette(client)
    assert html.startswith("<dialog")
    assert links(html)[:2] == [last.get_absolute_url(), first.get_absolute_url()]
    assert reverse("activity_log") in links(html)


def test_words_find_contacts_by_the_lists_search_archived_ones_too(
    client: Client, mia: User
) -> None:
    amara, bo = make_contact(), make_contact(given_name="Bo", family_name="Amaral")
    bo.archive()
    make_contact(given_name="Cy")
    html = palette(client, q="amar")
    assert not html.startswith("<dialog")
    assert set(links(html)) == {amara.get_absolute_url(), bo.get_absolute_url()}
    assert html.count('class="chip"') == 1
    assert 'data-q="amar"' in html


def test_pages_are_found_by_the_beginnings_of_their_words_whatever_case_and_accents(
    client: Client, mia: User
) -> None:
    assert links(palette(client, q="LÓG act")) == [reverse("activity_log")]


def test_pages_are_found_in_the_language_of_who_looks(client: Client) -> None:
    client.force_login(make_user(name="Mia", language="de"))
    assert reverse("contacts") in links(palette(client, q="kontakt"))


def test_saved_views_are_found_by_name(client: Client, mia: User) -> None:
    SavedView.objects.create(owner=mia, name="Lagos team", query="tag=lagos&sort=name")
    SavedView.objects.create(owner=make_user(name="Max"), name="Lagos mine", query="tag=x")
    assert links(palette(client, q="lagos")) == ["/contacts/?tag=lagos&amp;sort=name"]


def test_nobody_is_led_to_a_page_that_is_closed_to_them(client: Client) -> None:
    client.force_login(make_user(name="Vic"))
    offered = links(palette(client))
    assert reverse("contacts") in offered
    for closed in ("imports", "contact_duplicates", "contact_new", "admin:index", "bulk_runs"):
        assert reverse(closed) not in offered
    for page in offered:
        assert client.get(page, follow=True).status_code == 200


def test_what_fits_nothing_is_said_and_kept(client: Client, mia: User) -> None:
    html = palette(client, q="<zz>")
    assert "Nothing fits “&lt;zz&gt;”." in html
    assert not links(html)


@pytest.mark.parametrize("words", ["\x00", "' OR 1", "x" * 5_000, "&|!()"])
def test_nonsense_is_no_error(client: Client, mia: User, words: str) -> None:
    palette(client, q=words)


def test_without_javascript_it_is_a_page_whose_links_can_be_reached(
    client: Client, mia: User
) -> None:
    amara = make_contact()
    html = palette(client, htmx=False, q="amara")
    assert "<h1" in html
    assert amara.get_absolute_url() in links(html)
    assert 'role="option"' not in html
    assert 'tabindex="-1" href' not in html


def test_the_portal_and_strangers_have_none(client: Client) -> None:
    client.force_login(User.objects.create_user("new@annals.example", name="New"))
    for name in ("palette", "keys"):
        assert client.get(reverse(name)).status_code == 403


def test_the_list_of_keys_tells_of_the_pages_that_the_navigation_has(client: Client) -> None:
    client.force_login(make_user(name="Ada"))
    page = client.get(reverse("contacts")).content.decode()
    letters = set(re.findall(r'data-go="(.)"', page))
    listed = client.get(reverse("keys"), headers=HTMX).content.decode()
    assert set(re.findall(r"<kbd>g</kbd> <kbd>(.)</kbd>", listed)) == letters
    assert {page.key for page in PAGES if page.key} == letters


def test_the_list_of_keys_names_each_key_that_a_control_has(client: Client) -> None:
    client.force_login(make_user(name="Ada"))
    contact = make_contact(emails=["a@b.example"])
    address = f"{contact.get_absolute_url()}?list="
    shown = "".join(
        client.get(path, headers=headers).content.decode()
        for path, headers in (
            (address, {}),
            (reverse("contacts"), {}),
            (reverse("contact_neighbours", args=[contact.pk]) + "?list=", HTMX),
        )
    )
    keys = set(" ".join(re.findall(r'aria-keyshortcuts="([^"]+)"', shown)).split())
    listed = client.get(reverse("keys"), headers=HTMX).content.decode()
    told = set(re.findall(r"<kbd>([^<]+)</kbd>", listed))
    assert keys - told == {"Control+K", "Meta+K"}
    assert {"Ctrl", "K"} <= told


def test_who_turned_keys_off_is_told_so_and_pages_know(client: Client) -> None:
    client.force_login(make_user(name="Mia", shortcuts=False))
    assert "You have turned them off" in client.get(reverse("keys")).content.decode()
    assert 'data-shortcuts="off"' in client.get(reverse("contacts")).content.decode()
    client.force_login(make_user(name="Ben"))
    assert "data-shortcuts" not in client.get(reverse("contacts")).content.decode()
