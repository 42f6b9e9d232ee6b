"""Mentions: whom a comment names, by what, how it is shown, and who is not meant."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from uuid_utils.compat import uuid7

from accounts.models import User
from contacts.markdown import render
from contacts.models import Comment, Contact, Mention
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def amara() -> Contact:
    return make_contact()


@pytest.fixture
def mia(client: Client) -> User:
    mia = make_user(name="Mia Zhao", email="mia@annals.example")
    client.force_login(mia)
    return mia


@pytest.fixture
def max_() -> User:
    return make_user("manager", name="Max Weber", email="max@annals.example")


def write(amara: Contact, author: User, body: str) -> Comment:
    pk = uuid7()
    Comment.add(amara, author=author, body=body, pk=pk)
    return Comment.objects.get(pk=pk)


def named(comment: Comment) -> list[str]:
    return [each.user.name for each in Mention.objects.filter(comment=comment).order_by("pk")]


@pytest.mark.parametrize(
    "typed",
    ["@Max", "@max weber", "@Max Weber", "@max@annals.example", "(@Max)", "**@Max**", "Hi @Max's"],
)
def test_max_is_meant_by_his_first_or_whole_name_or_address(
    amara: Contact, mia: User, max_: User, typed: str
) -> None:
    comment = write(amara, mia, f"{typed} can you call?")
    assert named(comment) == ["Max Weber"]
    assert '<span class="mention">@Max Weber</span>' in comment.html


@pytest.mark.parametrize(
    "typed",
    [
        "`@Max`",
        "```\n@Max\n```",
        "    @Max",
        "max@Max.example",
        "https://example.org/@Max",
        "\\@Max",
        "@Maximilian",
        "@Maxi",
        "@ Max",
        "@Mia",
        "@Vera",
    ],
)
def test_code_addresses_longer_names_and_the_author_are_no_mentions(
    amara: Contact, mia: User, max_: User, typed: str
) -> None:
    comment = write(amara, mia, typed)
    assert named(comment) == []
    assert "mention" not in comment.html


def test_a_first_name_that_two_have_means_nobody(amara: Contact, mia: User, max_: User) -> None:
    make_user(name="Max Okafor", email="okafor@annals.example")
    assert named(write(amara, mia, "@Max")) == []
    assert named(write(amara, mia, "@Max Okafor and @max@annals.example")) == [
        "Max Okafor",
        "Max Weber",
    ]


def test_who_is_called_max_and_nothing_else_is_meant_by_it(
    amara: Contact, mia: User, max_: User
) -> None:
    make_user(name="Max", email="m@annals.example")
    assert named(write(amara, mia, "@Max, not @Max Weber")) == ["Max", "Max Weber"]


def test_nobody_is_mentioned_who_left_or_sees_no_contacts(
    amara: Contact, mia: User, max_: User
) -> None:
    User.objects.filter(pk=max_.pk).update(is_active=False)
    User.objects.create_user("ana@calder.example", name="Ana Portal")
    assert named(write(amara, mia, "@Max Weber @Ana Portal")) == []


def test_a_mention_shows_the_present_name_and_goes_back_to_text_when_somebody_leaves(
    amara: Contact, mia: User, max_: User, client: Client
) -> None:
    write(amara, mia, "Ask @Max")
    max_.name = "Moritz Weber"
    max_.save()
    assert "@Moritz Weber</span>" in client.get(amara.get_absolute_url()).content.decode()
    max_.is_active = False
    max_.save()
    page = client.get(amara.get_absolute_url()).content.decode()
    assert "Ask @Max<" in page
    assert "Moritz" not in page.partition('id="days"')[2]


def test_an_edit_keeps_who_was_meant_whatever_others_are_called_since(
    amara: Contact, mia: User, max_: User
) -> None:
    comment = write(amara, mia, "@Max")
    make_user(name="Max Okafor", email="okafor@annals.example")
    comment.edit("@Max and @Max Okafor", comment.version)
    assert named(comment) == ["Max Weber", "Max Okafor"]
    comment.edit("Nobody", comment.version)
    assert named(comment) == []


def test_a_name_cannot_bring_markup_into_a_comment(amara: Contact, mia: User) -> None:
    make_user(name="<b>Eve</b>", email="eve@annals.example")
    html = write(amara, mia, "@eve@annals.example").html
    assert "@&lt;b&gt;Eve&lt;/b&gt;</span>" in html


def test_a_class_other_than_that_of_a_mention_is_never_let_through() -> None:
    assert str(render('<span class="vh">x</span>')).count("<span") == 0


def test_letters_without_a_small_form_of_one_letter_are_found_as_well(
    amara: Contact, mia: User
) -> None:
    make_user(name="İbrahim Weiß", email="ib@annals.example")
    assert named(write(amara, mia, "@İbrahim Weiß!")) == ["İbrahim Weiß"]


def offered(client: Client, q: str) -> list[str]:
    answer = client.get(reverse("people"), {"q": q})
    assert answer.status_code == 200
    return [person.name for person in answer.context["people"]]


def test_the_list_finds_people_by_the_beginning_of_any_of_their_names(
    client: Client, mia: User, max_: User
) -> None:
    make_user(name="Zoé Lindqvist", email="zoe@annals.example")
    assert offered(client, "we") == ["Max Weber"]
    assert offered(client, "zoe l") == ["Zoé Lindqvist"]
    assert offered(client, "MAX@") == ["Max Weber"]
    assert offered(client, "eber") == []
    assert offered(client, "%") == []
    assert offered(client, "\x00") == ["Max Weber", "Zoé Lindqvist"]


def test_the_list_holds_only_eight_of_those_who_see_contacts_and_not_oneself(
    client: Client, mia: User
) -> None:
    User.objects.create_user("ana@calder.example", name="Ana Portal")
    make_user(name="Gone", is_active=False)
    for number in range(9):
        make_user(name=f"Colleague {number}", email=f"c{number}@annals.example")
    assert offered(client, "") == [f"Colleague {number}" for number in range(8)]


def test_who_shares_a_name_is_written_by_address(client: Client, mia: User, max_: User) -> None:
    make_user(name="Max Weber", email="other@annals.example")
    page = client.get(reverse("people"), {"q": "max"}).content.decode()
    assert 'data-label="max@annals.example"' in page
    assert 'data-label="other@annals.example"' in page


@pytest.mark.parametrize("role", ["viewer", ""])
def test_who_may_not_comment_is_offered_nobody(client: Client, role: str) -> None:
    user: Any = make_user("viewer", name="Vic") if role else User.objects.create_user("x@y.example")
    client.force_login(user)
    assert client.get(reverse("people")).status_code == 403
