"""Finding contacts by words: prefixes, accents, phones, and whatever people paste."""

import re
from html import unescape

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts import paging
from contacts.models import Contact
from contacts.views import listing
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


def found(words: str) -> list[str]:
    return [contact.name for contact in Contact.objects.search(words)]


@pytest.mark.parametrize(
    "words",
    ["muller", "Müller", "MÜLLER", "mül", "mu", "jörg muller", "muller jorg", "Jo\u0308rg"],
)
def test_names_are_found_by_their_beginning_in_any_case_with_or_without_accents(words):
    make_contact(given_name="Jörg", family_name="Müller")
    make_contact(given_name="Anna", family_name="Schmidt")
    assert found(words) == ["Jörg Müller"]


@pytest.mark.parametrize(
    ("family", "words"),
    [
        ("Łukasiewicz", "lukasiewicz"),
        ("Weiß", "weiss"),
        ("Sørensen", "sorensen"),
        ("O’Donoghue", "odonoghue"),
        ("O’Donoghue", "o'donoghue"),
        ("O'Donoghue", "donoghue"),
        ("Adeyemi-Clarke", "clarke"),
        ("Adeyemi-Clarke", "adeyemi-clarke"),
        ("Αθηνά", "αθηνα"),
        ("Иванов", "иван"),
        ("محمد", "محمد"),
        ("王小明", "王小"),
        ("김철수", "김철"),
        ("Nguyễn", "nguyen"),
    ],
)
def test_names_of_all_scripts_are_found(family, words):
    make_contact(given_name="P", family_name=family)
    make_contact(given_name="Somebody", family_name="Else")
    assert found(words) == [f"P {family}"]


@pytest.mark.parametrize(
    "words",
    ["calder", "wren logis", "head ops", "lagos", "amara@", "calder.example", "vip", "depot roll",
     "amara.okonkwo@calder.example"],
)  # fmt: skip
def test_company_job_city_email_and_tags_are_searched(words):
    make_contact(
        given_name="Amara",
        organisation="Calder & Wren Logistics",
        job_title="Head of Ops",
        city="Lagos",
        emails=["amara.okonkwo@calder.example"],
        tags=["VIP", "Depot rollout"],
    )
    make_contact(given_name="Henrik", organisation="Nordhavn")
    assert found(words) == ["Amara"]


@pytest.mark.parametrize(
    "typed",
    ["+1 202-224-3441", "12022243441", "2022243441", "(202) 224-3441", "202 224", "224-3441",
     "+1202", "0012022243441"],
)  # fmt: skip
def test_phones_are_found_with_or_without_country_code(typed):
    make_contact(given_name="Amara", phones=["+12022243441"])
    make_contact(given_name="Henrik", phones=["+4530123456"])
    assert found(typed) == ["Amara"]


def test_each_word_narrows():
    make_contact(given_name="Amara", family_name="Okonkwo")
    make_contact(given_name="Amara", family_name="Silva")
    assert len(found("amara")) == 2
    assert found("amara silva") == ["Amara Silva"]
    assert found("amara zz") == []
    assert found("amara s") == found("s amara") == found("si ama") == ["Amara Silva"]
    assert found("amara z") == []


def test_an_extension_is_not_part_of_a_number():
    make_contact(given_name="Amara", phones=["+12022243441;ext=12"])
    assert found("2243441") == ["Amara"]


def test_what_changes_can_be_found_at_once():
    contact = make_contact(given_name="Amara")
    contact.organisation = "Nordhavn"
    contact.save()
    assert found("nordhavn") == ["Amara"]
    contact.organisation = ""
    contact.save()
    assert found("nordhavn") == []


ODD = [
    "'", '"', "''", "\\", "a & b", "a | b", "!a", "a:*", "a <-> b", "(a", ":*", "&|!", "%", "_",
    "🙂", "👩‍👩‍👧", "\u202eabc", "\u200b", "a\x00b", "\ud800", "x" * 10_000, "a " * 5_000,
    "م" * 300, "漢" * 300, "\x00", "-", "+", "$$;DROP TABLE contacts_contact;--", "1e400", "   ",
]  # fmt: skip


@pytest.mark.parametrize("words", ODD, ids=range(len(ODD)))
def test_odd_words_are_an_answer_and_not_an_error(client, words):
    client.force_login(make_user(name="Mia"))
    make_contact()
    Contact.objects.search(words).count()
    sent = words.encode("utf-8", "replace").decode()
    assert client.get("/contacts/", {"q": sent, "status": "all"}).status_code == 200


def test_words_that_hold_nothing_to_search_for_find_nobody_and_no_words_everybody(client):
    client.force_login(make_user(name="Mia"))
    make_contact()
    assert "Nobody matches “&amp;|!”" in client.get("/contacts/?q=%26|!").content.decode()
    assert "Amara Okonkwo" in client.get("/contacts/?q=%20").content.decode()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=60))
def test_any_text_can_be_searched_for(text):
    list(Contact.objects.search(text))


def test_typing_and_pressing_enter_without_scripts_asks_the_same_address(client):
    client.force_login(make_user(name="Mia"))
    page = client.get("/contacts/?status=archived&sort=name").content.decode()
    form = page[page.index('id="find"') : page.index("</form>", page.index('id="find"'))]
    for part in ('action="/contacts/"', 'name="q"', 'name="status" value="archived"',
                 'name="sort" value="name"'):  # fmt: skip
        assert part in form


def shown(client: Client, query: str) -> list[str]:
    page = client.get(f"/contacts/?{query}").content.decode()
    return re.findall(r"<bdi>(.*?)</bdi>", page)


@pytest.mark.parametrize("sort", ["name", "-name"])
@pytest.mark.parametrize("asked", ["q=rare", "tag=seldom", "q=rare&tag=seldom"])
def test_matches_far_down_the_list_are_found_and_paged_like_near_ones(
    client, monkeypatch, asked, sort
):
    client.force_login(make_user(name="Mia"))
    monkeypatch.setattr(paging, "NEAR", 3)
    monkeypatch.setattr(paging, "FAR", 6)
    monkeypatch.setattr(listing, "NEAR", 3)
    monkeypatch.setattr(listing, "FEW", 2)
    monkeypatch.setattr(listing, "COUNT_LIMIT", 2)
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    for number in range(20):
        is_wanted = number in (1, 2, 9, 18, 19)
        make_contact(
            given_name="rare" if is_wanted else "P",
            family_name=f"{number:02}",
            tags=["seldom"] if is_wanted else [],
        )
    wanted = ["rare 01", "rare 02", "rare 09", "rare 18", "rare 19"]
    if sort == "-name":
        wanted.reverse()
    seen, query = [], f"{asked}&sort={sort}"
    page = client.get(f"/contacts/?{query}").content.decode()
    assert "More than 2 contacts" in page
    while True:
        seen += re.findall(r"<bdi>(.*?)</bdi>", page)
        after = re.search(r'rel="next" href="\?([^"]+)"', page)
        if not after:
            break
        page = client.get(f"/contacts/?{unescape(after[1])}").content.decode()
    assert seen == wanted
    before = re.search(r'rel="prev" href="\?([^"]+)"', page)
    assert shown(client, unescape(before[1])) == wanted[2:4]
