"""What was searched for is marked where it is read, and nowhere else."""

import re

import pytest
from django.test import Client
from django.utils.html import escape, strip_tags
from django.utils.safestring import SafeString
from hypothesis import given
from hypothesis import strategies as st

from activity.highlighting import fold, highlight
from contacts.models import Contact, Message
from tests.activity.happenings import change, happen
from tests.activity.timeline_pages import html
from tests.builders import make_comment, make_contact, make_user


def marked(row: str, words: str) -> str:
    return highlight(SafeString(row), words)


def marks(page: str) -> list[str]:
    return re.findall("<mark>(.*?)</mark>", page, re.DOTALL)


@pytest.mark.parametrize(
    ("row", "words", "expected"),
    [
        ("<p>Call back</p>", "CALL", "<p><mark>Call</mark> back</p>"),
        ("<p>Zoë Müller</p>", "muller", "<p>Zoë <mark>Müller</mark></p>"),
        ("<p>Mu\u0308ller</p>", "müller", "<p><mark>Mu\u0308ller</mark></p>"),
        ("<p>Straße</p>", "strasse", "<p><mark>Straße</mark></p>"),
        ("<p>na na</p>", "na", "<p><mark>na</mark> <mark>na</mark></p>"),
        ("<p>a &amp; b</p>", "& b", "<p>a <mark>&amp; b</mark></p>"),
        ("<p>O&#x27;Brien</p>", "o'b", "<p><mark>O&#x27;B</mark>rien</p>"),
        ("<p>fish &amp; chips</p>", "amp", "<p>fish &amp; chips</p>"),
        ('<p class="call">back</p>', "call", '<p class="call">back</p>'),
        ('<a title="1 > call">call</a>', "call", '<a title="1 > call"><mark>call</mark></a>'),
        ("<p>back</p>", "", "<p>back</p>"),
        ("<button>Edit</button>edit", "edit", "<button>Edit</button><mark>edit</mark>"),
        ('<a class="btn quiet">Edit</a>', "edit", '<a class="btn quiet">Edit</a>'),
        ("<b><time>14:02</time></b>14", "14", "<b><time>14:02</time></b><mark>14</mark>"),
        ('<svg><use href="#x"/></svg>x', "x", '<svg><use href="#x"/></svg><mark>x</mark>'),
    ],
)  # fmt: skip
def test_words_are_marked_in_text_alone(row: str, words: str, expected: str) -> None:
    assert marked(row, words) == expected


def test_what_is_folded_away_is_opened_where_it_has_the_words() -> None:
    row = "<details><summary>show</summary>one</details><details>two</details>"
    assert marked(row, "two") == row.replace("<details>two", "<details open><mark>two</mark>")


@given(st.text(alphabet="abßéÉ<>&\"' \u0308İ", max_size=30), st.text(max_size=3))
def test_marks_never_change_what_is_said(said: str, words: str) -> None:
    row = f"<p>{escape(said)}</p>"
    plain = marked(row, words).replace("<mark>", "").replace("</mark>", "")
    assert plain == row
    if fold(words) and fold(words) in fold(said):
        assert marks(marked(row, words)) or "<mark>" in marked(row, words)


@pytest.mark.django_db
def test_hits_are_marked_in_comments_messages_and_values(client: Client) -> None:
    ben = make_user(name="Ben")
    client.force_login(ben)
    amara: Contact = make_contact(emails=["amara@calder.example"])
    make_comment(amara, ben, "The **depot** is open")
    Message.send(amara, author=ben, address=amara.email, subject="Depot", body="Meet at the depôt")
    happen(amara, changes=[change("Depot", "Old depot", "New place")])
    happen(amara, "contact.archived", reason="Depot closed")
    page = html(client, amara.get_absolute_url(), q="depot")
    found = [strip_tags(each) for each in marks(page)]
    assert sorted(found) == ["Depot", "Depot", "Depot", "depot", "depot", "depôt"]


@pytest.mark.django_db
def test_hits_in_a_run_of_changes_are_not_folded_away(client: Client) -> None:
    ben = make_user(name="Ben")
    client.force_login(ben)
    amara = make_contact()
    happen(amara, actor=ben, times=4)
    assert '<details class="fold"' in html(client, amara.get_absolute_url())
    page = html(client, amara.get_absolute_url(), q="lagos")
    assert '<details class="fold"' not in page
    assert marks(page) == ["Lagos"] * 4


@pytest.mark.django_db
def test_marks_are_not_kept_for_who_did_not_search(client: Client) -> None:
    client.force_login(make_user(name="Ben"))
    amara = make_contact()
    make_comment(amara, body="Call back")
    html(client, amara.get_absolute_url(), q="call")
    assert not marks(html(client, amara.get_absolute_url()))
