"""The Activity page of a contact: who may see it, and what it offers to whom."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from uuid_utils.compat import uuid7

from accounts.models import User
from contacts.models import Comment, Contact
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db

ACTIONS = ("contact_archive", "contact_restore", "contact_delete", "contact_comments")
COMMENT_ACTIONS = ("comment_edit", "comment_delete")


@pytest.fixture
def amara() -> Contact:
    return make_contact(
        emails=["amara@calder.example"], phones=["+442079460142"], tags=["VIP"], city="London",
        given_name="Amara", family_name="Okonkwo", website="https://calder.example",
    )  # fmt: skip


def sign_in(client: Client, name: str) -> User:
    user = make_user(name=name)
    client.force_login(user)
    return user


def page_of(client: Client, contact: Contact) -> str:
    answer = client.get(contact.get_absolute_url())
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_shows_what_is_known_about_the_contact(client: Client, amara: Contact) -> None:
    sign_in(client, "Vic")
    page = page_of(client, amara)
    assert "<title>Amara Okonkwo" in page
    for part in ('href="mailto:amara@calder.example"', 'href="tel:+442079460142"', "VIP", "London"):
        assert part in page


def test_a_viewer_sees_no_button_that_changes_anything(client: Client, amara: Contact) -> None:
    make_comment(amara)
    sign_in(client, "Vic")
    page = page_of(client, amara)
    for name in ACTIONS:
        assert reverse(name, args=[amara.pk]) not in page
    for name in COMMENT_ACTIONS:
        assert reverse(name, args=[Comment.objects.get().pk]) not in page
    assert reverse("contact_edit", args=[amara.pk]) not in page
    assert "Call back" in page


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("Vic", set()),
        ("Mia", {"contact_archive", "contact_comments"}),
        ("Max", {"contact_archive", "contact_comments", "contact_delete"}),
        ("Ada", {"contact_archive", "contact_comments", "contact_delete"}),
    ],
)
def test_each_role_is_offered_what_it_may_do(
    client: Client, amara: Contact, name: str, may: set[str]
) -> None:
    sign_in(client, name)
    page = page_of(client, amara)
    assert {action for action in ACTIONS if reverse(action, args=[amara.pk]) in page} == may


@pytest.mark.parametrize("action", ACTIONS)
def test_a_viewers_posts_are_refused(client: Client, amara: Contact, action: str) -> None:
    sign_in(client, "Vic")
    typed = {"body": "Hello", "id": str(uuid7()), "confirm": amara.name}
    assert client.post(reverse(action, args=[amara.pk]), typed).status_code == 403
    assert Contact.objects.active().exists()
    assert not Comment.objects.exists()


@pytest.mark.parametrize("action", COMMENT_ACTIONS)
def test_a_viewers_posts_to_a_comment_are_refused(
    client: Client, amara: Contact, action: str
) -> None:
    comment = make_comment(amara)
    sign_in(client, "Vic")
    typed = {"body": "Hello", "version": "1"}
    assert client.post(reverse(action, args=[comment.pk]), typed).status_code == 403
    comment.refresh_from_db()
    assert (comment.body, comment.deleted_at) == ("Call back", None)


def test_a_stranger_is_led_to_the_sign_in(client: Client, amara: Contact) -> None:
    comment = make_comment(amara)
    paths = [amara.get_absolute_url(), *(reverse(name, args=[amara.pk]) for name in ACTIONS)]
    paths += [reverse(name, args=[comment.pk]) for name in COMMENT_ACTIONS]
    paths += [reverse("timeline", args=[amara.pk]), reverse("timeline_older", args=[amara.pk])]
    for path in paths:
        for method in (client.get, client.post):
            answer = method(path)
            assert answer.status_code == 302, path
            assert answer.headers["Location"].startswith(reverse("account_login")), path
    assert Contact.objects.active().exists()


def test_an_unknown_contact_is_not_found(client: Client) -> None:
    sign_in(client, "Ada")
    for name in ("contact", "timeline", "contact_delete_dialog", "contact_card"):
        assert client.get(reverse(name, args=[uuid7()])).status_code == 404, name
    for name in ACTIONS:
        assert client.post(reverse(name, args=[uuid7()])).status_code == 404, name


def test_an_unknown_comment_is_not_found(client: Client) -> None:
    sign_in(client, "Ada")
    for name in ("comment_row", "comment_versions", "comment_edit", "comment_edit_form"):
        assert client.get(reverse(name, args=[uuid7()])).status_code == 404, name
    assert client.post(reverse("comment_delete", args=[uuid7()])).status_code == 404


def test_looking_changes_nothing(client: Client, amara: Contact) -> None:
    sign_in(client, "Ada")
    for name in ("contact_archive", "contact_restore", "contact_comments"):
        assert client.get(reverse(name, args=[amara.pk])).status_code == 405
    assert client.get(reverse("contact_delete", args=[amara.pk])).status_code == 200
    assert client.get(reverse("comment_delete", args=[make_comment(amara).pk])).status_code == 405
    assert Contact.objects.active().exists()


def test_a_deleted_contact_is_gone_and_its_receipt_stays(client: Client, amara: Contact) -> None:
    amara.delete()
    sign_in(client, "Vic")
    answer = client.get(amara.get_absolute_url())
    assert answer.status_code == 410
    page = " ".join(strip_tags(answer.content.decode()).split())
    assert "Amara Okonkwo was deleted" in page
    assert "amara@calder.example" not in page


def test_a_name_with_html_in_it_is_text(client: Client) -> None:
    sign_in(client, "Ada")
    contact = make_contact(given_name="<b>Zoe</b>", family_name='"><script>x</script>')
    page = page_of(client, contact)
    assert "<script>x" not in page
    assert "<b>Zoe" not in page
