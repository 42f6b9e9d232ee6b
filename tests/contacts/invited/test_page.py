"""The page of an invitation: what its recipient sees, and who is noted to have seen it."""

import pytest
from django.test import Client

from activity.models import ActivityEvent
from contacts.models import Contact, Invitation
from tests.builders import make_user
from tests.contacts.invitations import mailed_path, make_invitation, verbs, words
from tests.contacts.invited.answering import TOKEN, accept, state

pytestmark = pytest.mark.django_db


def test_it_says_who_invites_to_what_why_and_until_when(
    client: Client, invitation: Invitation, path: str
) -> None:
    page = words(client.get(path))
    assert "Max invites you to talk with Annals in one place" in page
    assert "All of the second depot is in here." in page
    assert f"{invitation.expires_at:%A %-d %B}" in page
    assert "Their internal comments stay with them" in page
    assert "Opening this page did neither." in page


@pytest.mark.parametrize(
    ("role", "said"),
    [("partner", "as a partner"), ("team", "You join as a member")],
)
def test_it_says_what_each_role_means(client: Client, amara: Contact, role: str, said: str) -> None:
    assert said in words(client.get(mailed_path(make_invitation(amara, role=role))))


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_it_changes_nothing(
    client: Client, amara: Contact, invitation: Invitation, path: str, method: str
) -> None:
    before = verbs(amara)
    for _scanner in range(3):
        assert getattr(client, method)(path).status_code == 200
    assert client.get(f"{path}opened").status_code == 405
    assert (verbs(amara), state(invitation)) == (before, "sent")


def test_nobody_keeps_indexes_or_passes_on_the_page(client: Client, path: str) -> None:
    for answer in (client.get(path), client.get(f"/i/{TOKEN}/"), accept(client, path)):
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "noindex" in answer.headers["X-Robots-Tag"]
    assert 'name="robots" content="noindex' in client.get(f"/i/{TOKEN}/").content.decode()


def test_a_person_who_moves_is_noted_once(
    client: Client, amara: Contact, invitation: Invitation, path: str
) -> None:
    assert f'hx-post="{path}opened"' in client.get(path).content.decode()
    for _move in range(2):
        assert client.post(f"{path}opened").content == b""
    assert state(invitation) == "opened"
    [event] = ActivityEvent.objects.filter(verb="invitation.opened")
    assert (event.actor_type, event.actor_id) == ("contact", amara.pk)
    assert "opened" not in client.get(path).content.decode()
    assert client.post(f"/i/{TOKEN}/opened").status_code == 200


def test_a_colleague_who_tries_the_link_is_not_taken_for_amara(
    client: Client, invitation: Invitation, path: str
) -> None:
    client.force_login(make_user(name="Ben"))
    assert f"{path}opened" not in client.get(path).content.decode()
    client.post(f"{path}opened")
    assert state(invitation) == "sent"
