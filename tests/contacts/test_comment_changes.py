"""Editing and deleting comments: whose they are, what is kept, and what two people do at once."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.models import User
from activity.models import ActivityEvent
from contacts.models import Comment, Contact
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
both = pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])


@pytest.fixture
def amara() -> Contact:
    return make_contact()


@pytest.fixture
def mia(client: Client) -> User:
    mia = make_user(name="Mia")
    client.force_login(mia)
    return mia


@pytest.fixture
def comment(amara: Contact, mia: User) -> Comment:
    return make_comment(amara, mia, "Call back")


def edit(client: Client, comment: Comment, body: str, version: object = 1, **headers: str):
    path = reverse("comment_edit", args=[comment.pk])
    return client.post(path, {"body": body, "version": version}, headers=headers or None)


def delete(client: Client, comment: Comment, **headers: str):
    return client.post(reverse("comment_delete", args=[comment.pk]), headers=headers or None)


def text(content: bytes) -> str:
    return " ".join(strip_tags(content.decode()).split())


def stored(comment: Comment) -> Comment:
    return Comment.objects.get(pk=comment.pk)


@both
def test_mia_edits_her_comment_and_both_texts_are_kept(
    client: Client, comment: Comment, headers: dict[str, str]
) -> None:
    answer = edit(client, comment, "Call back on 9th", **headers)
    assert answer.status_code == (200 if headers else 303)
    page = client.get(comment.contact.get_absolute_url()).content.decode()
    assert "Call back on 9th" in page
    assert "edited" in page
    versions = client.get(reverse("comment_versions", args=[comment.pk])).content.decode()
    assert versions.index("Call back on 9th") < versions.index("<p>Call back</p>")
    assert "Current" in versions
    assert ActivityEvent.objects.filter(verb="comment.edited", object_id=comment.pk).count() == 1


def test_the_versions_come_as_a_dialog_too(client: Client, comment: Comment) -> None:
    answer = client.get(reverse("comment_versions_dialog", args=[comment.pk]), headers=HTMX)
    assert answer.status_code == 200
    assert answer.content.decode().startswith("<dialog")


def test_saving_the_same_text_makes_no_version(client: Client, comment: Comment) -> None:
    assert edit(client, comment, "Call back").status_code == 303
    assert stored(comment).edited_at is None
    assert comment.history.count() == 1


@both
def test_an_edit_over_a_newer_text_shows_both(
    client: Client, comment: Comment, headers: dict[str, str]
) -> None:
    edit(client, comment, "From the other tab")
    answer = edit(client, comment, "From this tab", **headers)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "From the other tab" in page
    assert "From this tab" in page
    assert stored(comment).body == "From the other tab"


def test_a_conflict_can_be_decided_by_saving_again(client: Client, comment: Comment) -> None:
    edit(client, comment, "From the other tab")
    version = edit(client, comment, "From this tab").context["form"]["version"].value()
    assert edit(client, comment, "From this tab", version).status_code == 303
    assert stored(comment).body == "From this tab"
    assert [v.body for v in comment.history.all()] == [
        "From this tab", "From the other tab", "Call back",
    ]  # fmt: skip


@both
@pytest.mark.parametrize("body", ["", "\u200b", "x" * 10_001])
def test_an_edit_that_makes_no_sense_is_refused_and_kept(
    client: Client, comment: Comment, headers: dict[str, str], body: str
) -> None:
    answer = edit(client, comment, body, **headers)
    assert answer.status_code == 422
    assert body in answer.content.decode()
    assert stored(comment).body == "Call back"


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 40, "1.5"])
def test_a_version_that_makes_no_sense_overwrites_nothing(
    client: Client, comment: Comment, version: str
) -> None:
    answer = edit(client, comment, "Forced", version)
    assert answer.status_code == 409
    assert "Forced" in answer.content.decode()
    assert "Call back" in answer.content.decode()
    assert stored(comment).body == "Call back"


def test_ben_cannot_edit_mias_comment(client: Client, comment: Comment) -> None:
    client.force_login(make_user(name="Ben"))
    assert edit(client, comment, "Forged").status_code == 403
    for name in ("comment_edit", "comment_edit_form"):
        assert client.get(reverse(name, args=[comment.pk])).status_code == 403
    assert stored(comment).body == "Call back"


@pytest.mark.parametrize("name", ["Max", "Ada"])
def test_not_even_a_manager_edits_mias_comment(client: Client, comment: Comment, name: str) -> None:
    client.force_login(make_user(name=name))
    assert edit(client, comment, "Forged").status_code == 403


def test_ben_cannot_delete_mias_comment(client: Client, comment: Comment) -> None:
    client.force_login(make_user(name="Ben"))
    assert delete(client, comment).status_code == 403
    assert stored(comment).deleted_at is None


@both
@pytest.mark.parametrize("name", ["Mia", "Max"])
def test_a_deleted_comment_leaves_who_and_when_but_no_text(
    client: Client, comment: Comment, headers: dict[str, str], name: str
) -> None:
    edit(client, comment, "A second text")
    if name != "Mia":
        client.force_login(make_user(name=name))
    assert delete(client, comment, **headers).status_code == (200 if headers else 303)
    page = client.get(comment.contact.get_absolute_url())
    assert f"{name} deleted this comment on" in text(page.content)
    assert "Call back" not in page.content.decode()
    assert "A second text" not in page.content.decode()
    for path in ("comment_versions", "comment_versions_dialog"):
        assert client.get(reverse(path, args=[comment.pk])).status_code == 404
    row = client.get(reverse("comment_row", args=[comment.pk])).content.decode()
    assert "A second text" not in row


def test_deleting_a_comment_twice_is_one_deletion(client: Client, comment: Comment) -> None:
    for _again in range(2):
        assert delete(client, comment).status_code == 303
    assert ActivityEvent.objects.filter(verb="comment.deleted").count() == 1


@both
def test_an_edit_of_a_comment_deleted_meanwhile_can_be_copied(
    client: Client, comment: Comment, headers: dict[str, str]
) -> None:
    comment.remove(by=make_user(name="Max"))
    answer = edit(client, comment, "What I had to say", **headers)
    assert answer.status_code == 410
    assert "What I had to say" in answer.content.decode()
    assert "Max deleted this comment on" in text(answer.content)


@both
def test_an_edit_on_a_contact_deleted_meanwhile_can_be_copied(
    client: Client, comment: Comment, headers: dict[str, str]
) -> None:
    comment.contact.delete()
    answer = edit(client, comment, "What I had to say", **headers)
    assert answer.status_code == 410
    assert "What I had to say" in answer.content.decode()
    assert "This comment was deleted with its contact." in text(answer.content)


def test_the_form_to_edit_comes_in_place_and_as_a_page(client: Client, comment: Comment) -> None:
    for name in ("comment_edit", "comment_edit_form"):
        page = client.get(reverse(name, args=[comment.pk])).content.decode()
        assert "Call back</textarea>" in page
        assert 'name="version" value="1"' in page
