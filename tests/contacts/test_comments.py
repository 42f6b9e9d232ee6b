"""Comments: added once, edited by their authors, deleted without a trace of the text."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.models import ActivityEvent
from contacts.models import Comment, Contact
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
UNSEEN = [
    "",
    " ",
    "\n\t ",
    "\u200b",
    "\u200b\u200d \u2060\ufeff",
    "\u00a0\u2003",
    "\u202e",
    "\x07",
    "\u3164\u2800",
]


@pytest.fixture
def mia(client: Client) -> User:
    mia = make_user(name="Mia")
    client.force_login(mia)
    return mia


@pytest.fixture
def amara() -> Contact:
    return make_contact()


def add(client: Client, contact: Contact, body: str, pk: object = None, **headers: str):
    path = reverse("contact_comments", args=[contact.pk])
    return client.post(path, {"id": str(pk or uuid7()), "body": body}, headers=headers or None)


def verbs(contact: Contact) -> list[str]:
    events = ActivityEvent.objects.filter(contact_id=contact.pk).order_by("id")
    return [event.verb for event in events]


def text(content: bytes) -> str:
    return " ".join(strip_tags(content.decode()).split())


def test_mia_comments_and_finds_herself_on_the_contacts_page(
    client: Client, mia: User, amara: Contact
) -> None:
    answer = add(client, amara, "Call **back**")
    assert (answer.status_code, answer.headers["Location"]) == (303, amara.get_absolute_url())
    page = client.get(amara.get_absolute_url()).content.decode()
    assert "<strong>back</strong>" in page
    assert "Mia commented" in strip_tags(page)
    assert "Comment added" in page


def test_htmx_gets_the_new_row_and_an_empty_composer(
    client: Client, mia: User, amara: Contact
) -> None:
    newest = ActivityEvent.objects.latest("id").pk
    path = reverse("contact_comments", args=[amara.pk])
    typed = {"id": str(uuid7()), "body": "Call back", "newest": newest}
    answer = client.post(path, typed, headers=HTMX)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert f'id="e-{ActivityEvent.objects.latest("id").pk}"' in page
    assert page.count("Call back") == 1
    assert typed["id"] not in page.partition('id="composer"')[2].partition("</section>")[0]
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["text"] == "Comment added"


@pytest.mark.parametrize("newest", ["", "x", "-1", "9" * 30, "9" * 5000, "٣", "1e3"])
def test_a_page_that_does_not_say_what_it_shows_is_loaded_anew(
    client: Client, mia: User, amara: Contact, newest: str
) -> None:
    path = reverse("contact_comments", args=[amara.pk])
    typed = {"id": str(uuid7()), "body": "Call back", "newest": newest}
    answer = client.post(path, typed, headers=HTMX)
    assert answer.status_code in (200, 204)
    assert answer.status_code == 200 or answer.headers["HX-Redirect"] == amara.get_absolute_url()
    assert Comment.objects.count() == 1


def test_sending_a_comment_twice_makes_one(client: Client, mia: User, amara: Contact) -> None:
    pk = uuid7()
    for _again in range(3):
        assert add(client, amara, "Call back", pk).status_code == 303
    assert Comment.objects.get().pk == pk
    assert verbs(amara) == ["contact.created", "comment.added"]


def test_an_id_that_is_taken_by_another_comment_is_refused(
    client: Client, mia: User, amara: Contact
) -> None:
    bens = make_comment(amara, make_user(name="Ben"), "Mine")
    assert add(client, amara, "Never", bens.pk).status_code == 403
    elsewhere = make_comment(make_contact(given_name="Ann"), mia, "Elsewhere")
    assert add(client, amara, "Never", elsewhere.pk).status_code == 403
    assert not Comment.objects.filter(body="Never").exists()


@pytest.mark.parametrize("body", UNSEEN)
def test_a_comment_nobody_could_see_is_refused(
    client: Client, mia: User, amara: Contact, body: str
) -> None:
    for headers in ({}, HTMX):
        answer = add(client, amara, body, **headers)
        assert answer.status_code == 422
        assert "Write something first." in answer.content.decode()
    assert not Comment.objects.exists()


def test_only_emoji_is_something(client: Client, mia: User, amara: Contact) -> None:
    assert add(client, amara, "\U0001f469\u200d\U0001f680").status_code == 303
    assert Comment.objects.get().body == "\U0001f469\u200d\U0001f680"


@pytest.mark.parametrize("body", ["x" * 10_000, "line\r\n" * 1666 + "last", "\U0001f44d" * 10_000])
def test_ten_thousand_characters_fit(client: Client, mia: User, amara: Contact, body: str) -> None:
    assert add(client, amara, body).status_code == 303
    assert Comment.objects.get().body == body.replace("\r\n", "\n")


def test_line_ends_are_counted_once_each(client: Client, mia: User, amara: Contact) -> None:
    body = "a\r\n" * 4_999 + "aa"
    assert add(client, amara, body).status_code == 303
    assert len(Comment.objects.get().body) == 10_000


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_one_character_more_is_refused_and_the_text_kept(
    client: Client, mia: User, amara: Contact, headers: dict[str, str]
) -> None:
    answer = add(client, amara, "x" * 10_001, **headers)
    assert answer.status_code == 422
    assert "10001 characters; a comment can have 10000" in answer.content.decode()
    assert "x" * 10_001 in answer.content.decode()


@pytest.mark.parametrize("pk", ["", "nonsense", "123"])
def test_a_form_without_a_usable_id_is_refused_and_the_text_kept(
    client: Client, mia: User, amara: Contact, pk: str
) -> None:
    path = reverse("contact_comments", args=[amara.pk])
    answer = client.post(path, {"id": pk, "body": "Call back"})
    assert answer.status_code == 422
    assert "Call back" in answer.content.decode()


def test_a_nul_is_refused_and_not_a_crash(client: Client, mia: User, amara: Contact) -> None:
    assert add(client, amara, "a\x00b").status_code == 422


def test_an_archived_contact_can_be_commented_on(client: Client, mia: User, amara: Contact) -> None:
    amara.archive()
    assert add(client, amara, "Still here").status_code == 303
    assert Comment.objects.exists()


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_comment_on_a_contact_deleted_meanwhile_can_be_copied(
    client: Client, mia: User, amara: Contact, headers: dict[str, str]
) -> None:
    max_ = make_user(name="Max")
    other = Client()
    other.force_login(max_)
    other.post(reverse("contact_delete", args=[amara.pk]), {"confirm": amara.name})
    answer = add(client, amara, "What I had to say", **headers)
    assert answer.status_code == 410
    assert "What I had to say" in answer.content.decode()
    assert "Max deleted this contact" in text(answer.content)
    assert ("<html" in answer.content.decode()) == (not headers)


def test_the_composer_offers_a_fresh_id_each_time(
    client: Client, mia: User, amara: Contact
) -> None:
    ids = {client.get(amara.get_absolute_url()).context["comment_form"]["id"].value() for _ in "ab"}
    assert len(ids) == 2
