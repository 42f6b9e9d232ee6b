"""What comes of each answer to an invitation."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from activity.models import ActivityEvent
from contacts.models import Contact, Invitation, Link
from tests.builders import make_user
from tests.contacts.invitations import ADDRESS, PASSWORD, mailed_path, make_invitation, verbs, words
from tests.contacts.invited.answering import NEUTRAL, accept, state

pytestmark = pytest.mark.django_db


def test_amara_accepts_and_is_in_her_portal(
    client: Client, amara: Contact, invitation: Invitation, path: str
) -> None:
    answer = accept(client, path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/portal/")
    user = User.objects.get(email=ADDRESS)
    assert (user.name, user.role) == ("Amara O.", None)
    assert user.check_password(PASSWORD)
    assert client.session["_auth_user_id"] == str(user.pk)
    accepted = Invitation.objects.get()
    assert (accepted.state, accepted.account) == ("accepted", user)
    [event] = ActivityEvent.objects.filter(verb="invitation.accepted")
    assert (event.actor_type, event.actor_id) == ("contact", amara.pk)
    assert not Link.objects.exists()


def test_who_is_invited_to_the_team_becomes_a_member(client: Client, amara: Contact) -> None:
    answer = accept(client, mailed_path(make_invitation(amara, role="team")))
    assert answer.headers["Location"] == reverse("contacts")
    assert User.objects.get(email=ADDRESS).role == "member"
    assert client.get(reverse("contacts")).status_code == 200


def test_an_answer_that_was_not_offered_is_no_yes(
    client: Client, invitation: Invitation, path: str
) -> None:
    answer = accept(client, path, answer="perhaps")
    assert answer.status_code == 422
    assert "Choose one of the answers below." in words(answer)
    assert 'value="Amara O."' in answer.content.decode()
    assert state(invitation) == "sent"
    assert not User.objects.filter(email=ADDRESS).exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"password": ""}, "Choose a password, so that you can come back."),
        ({"password": "short"}, "at least 8 characters"),
        ({"password": "12345678901"}, "entirely numeric"),
        ({"password": "password1"}, "too common"),
        ({"password": ADDRESS}, "too similar"),
        ({"name": "  "}, "Enter your name: this is how the team sees you."),
        ({"name": "n" * 151}, "at most 150 characters"),
        ({"credential": "{}"}, "That passkey did not work here."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    client: Client, invitation: Invitation, path: str, typed: dict[str, str], said: str
) -> None:
    answer = accept(client, path, **typed)
    assert answer.status_code == 422
    assert said in words(answer)
    if "name" not in typed:
        assert 'value="Amara O."' in answer.content.decode()
    assert PASSWORD not in answer.content.decode()
    assert state(invitation) == "sent"
    assert not User.objects.filter(email=ADDRESS).exists()


def test_declining_is_told_to_the_team_and_makes_no_account(
    client: Client, amara: Contact, invitation: Invitation, path: str
) -> None:
    answer = client.post(path, {"answer": "decline"})
    assert "Max sees that you said no." in words(answer)
    assert state(invitation) == "declined"
    [event] = ActivityEvent.objects.filter(verb="invitation.declined")
    assert event.actor_id == amara.pk
    assert Contact.objects.get().do_not_contact_at is None
    assert client.post(path, {"answer": "decline"}).status_code == 404
    assert not User.objects.filter(email=ADDRESS).exists()


def test_one_click_stops_all_mail_without_an_account(
    client: Client, amara: Contact, path: str
) -> None:
    other = make_invitation(amara, email="second@calder.example")
    answer = client.post(path, {"answer": "stop"})
    assert "No one will write to you again" in words(answer)
    contact = Contact.objects.get()
    assert (bool(contact.do_not_contact_at), contact.do_not_contact_source) == (True, "recipient")
    assert verbs(amara)[-3:] == [
        "invitation.declined",
        "contact.opted_out",
        "invitation.revoked",
    ]
    assert state(other) == "revoked"


def test_an_account_signs_in_first_and_then_confirms(
    client: Client, invitation: Invitation, path: str
) -> None:
    user = User.objects.create_user(ADDRESS, PASSWORD, name="Amara")
    assert "Sign in to accept" in words(client.get(path))
    assert accept(client, path).status_code == 409
    answer = client.post(path, {"answer": "sign-in"})
    assert answer.headers["Location"] == f"{reverse('account_login')}?next=%2Fi%2F"
    typed = {"login": ADDRESS, "password": PASSWORD, "next": "/i/"}
    answer = client.post(reverse("account_login"), typed)
    assert answer.headers["Location"] == "/i/"
    page = client.get("/i/")
    assert f"You are signed in as Amara, {ADDRESS}" in words(page)
    assert state(invitation) == "sent"
    assert client.post("/i/", {"answer": "accept"}).headers["Location"] == "/portal/"
    assert Invitation.objects.get().account == user
    assert client.get("/i/").status_code == 404


def test_somebody_elses_account_is_never_attached(
    client: Client, invitation: Invitation, path: str
) -> None:
    ben = make_user(name="Ben")
    client.force_login(ben)
    page = words(client.get(path))
    assert "Sign out and go on" in page
    assert "Stay as Ben" in page
    answer = accept(client, path)
    assert answer.status_code == 409
    assert "It can’t be added to another account." in words(answer)
    assert state(invitation) == "sent"
    answer = client.post(path, {"answer": "switch"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/i/")
    assert "_auth_user_id" not in client.session
    assert accept(client, "/i/").headers["Location"] == "/portal/"
    assert Invitation.objects.get().account.email == ADDRESS


def test_a_member_of_the_team_keeps_the_role_when_accepting(client: Client, amara: Contact) -> None:
    ada = make_user("administrator", name="Ada", email=ADDRESS)
    client.force_login(ada)
    accept(client, mailed_path(make_invitation(amara, role="team")))
    assert User.objects.get(email=ADDRESS).role == "administrator"


def test_revoking_while_the_page_is_open_refuses_politely(
    client: Client, invitation: Invitation, path: str
) -> None:
    assert client.get(path).status_code == 200
    invitation.revoke()
    answer = accept(client, path)
    assert (answer.status_code, NEUTRAL in words(answer)) == (404, True)
    assert not User.objects.filter(email=ADDRESS).exists()
