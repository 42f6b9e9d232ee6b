"""Two people at once: each gets an answer, nothing happens twice, and nobody waits for ever."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.models import ActivityEvent
from contacts.models import Comment, Contact, DeletedContact, Follow
from tests.builders import make_comment, make_contact, make_user
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5


@pytest.fixture
def mia() -> User:
    return make_user(name="Mia")


@pytest.fixture
def max_() -> User:
    return make_user(name="Max")


def post(user: User, name: str, pk: Any, **typed: Any) -> Callable[[], HttpResponse]:
    """Return what sends that form in the name of the user."""
    client = Client()
    client.force_login(user)
    return lambda: client.post(reverse(name, args=[pk]), typed)


def statuses(answers: list[HttpResponse]) -> list[int]:
    return [answer.status_code for answer in answers]


def count(verb: str, **about: Any) -> int:
    return ActivityEvent.objects.filter(verb=verb, **about).count()


def test_two_tabs_that_archive_at_once_make_one_event(mia: User, max_: User) -> None:
    for _round in range(ROUNDS):
        amara = make_contact()
        tabs = [post(user, "contact_archive", amara.pk) for user in (mia, max_, mia)]
        assert statuses(at_once(*tabs)) == [303, 303, 303]
        assert count("contact.archived", contact_id=amara.pk) == 1


def test_two_tabs_that_restore_at_once_make_one_event(mia: User, max_: User) -> None:
    for _round in range(ROUNDS):
        amara = make_contact()
        amara.archive()
        tabs = [post(user, "contact_restore", amara.pk) for user in (mia, max_)]
        assert statuses(at_once(*tabs)) == [303, 303]
        assert count("contact.restored", contact_id=amara.pk) == 1


def test_a_double_click_makes_one_comment(mia: User) -> None:
    for _round in range(ROUNDS):
        amara, pk = make_contact(), uuid7()
        clicks = [
            post(mia, "contact_comments", amara.pk, id=str(pk), body="Call back") for _ in range(3)
        ]
        assert statuses(at_once(*clicks)) == [303, 303, 303]
        assert amara.comments.count() == 1
        assert count("comment.added", object_id=pk) == 1


def test_two_tabs_that_edit_one_comment_lose_no_text(mia: User) -> None:
    comment = make_comment(make_contact(), mia)
    tabs = [
        post(mia, "comment_edit", comment.pk, body=body, version=1) for body in ("Left", "Right")
    ]
    answers = at_once(*tabs)
    assert sorted(statuses(answers)) == [303, 409]
    won = Comment.objects.get().body
    [conflict] = [answer.content.decode() for answer in answers if answer.status_code == 409]
    assert {won} < {"Left", "Right"}
    assert "Left" in conflict
    assert "Right" in conflict
    assert comment.history.count() == 2


def test_deleting_while_others_comment_and_follow_leaves_no_orphan(mia: User, max_: User) -> None:
    for _round in range(ROUNDS):
        amara = make_contact()
        typed = {"body": "Too late?"}
        comments = [
            post(mia, "contact_comments", amara.pk, id=str(uuid7()), **typed) for _ in range(3)
        ]
        follow = post(mia, "contact_follow", amara.pk)
        *others, deleted = statuses(
            at_once(*comments, follow, post(max_, "contact_delete", amara.pk, confirm=amara.name))
        )
        assert deleted == 303
        assert set(others) <= {303, 410}
        assert not Contact.objects.exists()
        assert not Comment.objects.exists()
        assert not Follow.objects.exists()
        assert DeletedContact.objects.filter(pk=amara.pk).exists()
        told = ActivityEvent.objects.filter(contact_id=amara.pk, payload__isnull=False)
        assert {event.verb for event in told} == {"contact.deleted", "privacy.erased"}


def test_deleting_while_comments_change_makes_nobody_wait_in_a_circle(
    mia: User, max_: User
) -> None:
    """Whoever needs a comment and its contact takes the contact first."""
    for _round in range(ROUNDS):
        amara = make_contact()
        edited, removed = make_comment(amara, mia), make_comment(amara, mia)
        answers = at_once(
            post(max_, "contact_delete", amara.pk, confirm=amara.name),
            post(mia, "comment_edit", edited.pk, body="Changed", version=1),
            post(mia, "comment_delete", removed.pk),
        )
        deleted, edit, removal = statuses(answers)
        assert deleted == 303
        assert edit in (303, 410)
        assert removal in (303, 404, 410)
        assert not Comment.objects.exists()


def test_two_managers_who_delete_at_once_leave_one_receipt(max_: User) -> None:
    ada = make_user(name="Ada")
    for _round in range(ROUNDS):
        amara = make_contact()
        answers = at_once(
            *(post(user, "contact_delete", amara.pk, confirm=amara.name) for user in (max_, ada))
        )
        assert sorted(statuses(answers)) == [303, 410]
        assert count("contact.deleted", contact_id=amara.pk) == 1
        assert count("privacy.erased", contact_id=amara.pk) == 1


def test_archiving_while_another_deletes_is_answered_either_way(mia: User, max_: User) -> None:
    for _round in range(ROUNDS):
        amara = make_contact()
        archived, deleted = statuses(
            at_once(
                post(mia, "contact_archive", amara.pk),
                post(max_, "contact_delete", amara.pk, confirm=amara.name),
            )
        )
        assert deleted == 303
        assert archived in (303, 410)
        assert not Contact.objects.exists()
