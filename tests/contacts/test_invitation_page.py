"""The page of an invitation: what its recipient sees, and what comes of each answer."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from activity.models import ActivityEvent
from config.logs import Formatter
from contacts.models import Contact, Invitation, Link
from contacts.views.personal import POSTS_A_MINUTE
from tests.builders import make_contact, make_user
from tests.contacts.invitations import (
    ADDRESS,
    PASSWORD,
    copied_path,
    mailed_path,
    make_amara,
    make_expired,
    make_invitation,
    verbs,
    words,
)

pytestmark = pytest.mark.django_db
TOKEN = "a" * 43
NEUTRAL = "This link opens nothing now"


@pytest.fixture
def amara() -> Contact:
    return make_amara()


@pytest.fixture
def invitation(amara: Contact) -> Invitation:
    return make_invitation(amara, note="All of the second depot is in here.")


@pytest.fixture
def path(invitation: Invitation) -> str:
    return mailed_path(invitation)


def accept(client: Client, path: str, **typed: str) -> HttpResponse:
    typed = {"answer": "accept", "name": "Amara O.", "password": PASSWORD, **typed}
    return client.post(path, typed)


def state(invitation: Invitation) -> str:
    return Invitation.objects.get(pk=invitation.pk).state


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


def closed_for_each_reason(client: Client) -> dict[str, str]:
    """Return the path of a link that opens nothing, for each reason why."""
    paths = {"unknown": f"/i/{TOKEN}/", "not a token": "/i/ÿ\u202e%00/"}
    expired = copied_path(make_expired(make_contact(), email="1@calder.example"))
    paths["expired"] = expired
    for number, reason in enumerate(("revoked", "declined", "accepted", "replaced")):
        invitation = make_invitation(make_contact(), email=f"2{number}@calder.example")
        paths[reason] = mailed_path(invitation)
        match reason:
            case "revoked":
                invitation.revoke()
            case "declined":
                invitation.decline()
            case "accepted":
                invitation.accept(make_user(name="Ben"))
            case "replaced":
                invitation.queue()
    archived, deleted = make_contact(), make_contact()
    paths["archived"] = mailed_path(make_invitation(archived, email="3@calder.example"))
    archived.archive()
    paths["deleted"] = mailed_path(make_invitation(deleted, email="4@calder.example"))
    deleted.delete()
    gone = make_user("manager", name="Gone")
    by_them = make_invitation(make_contact(), email="5@calder.example", inviter=gone)
    paths["left"] = mailed_path(by_them)
    gone.is_active = False
    gone.save()
    return paths


def test_whatever_the_reason_a_closed_link_says_the_same_as_fast(client: Client) -> None:
    answers, queries = {}, {}
    for reason, path in closed_for_each_reason(client).items():
        with CaptureQueriesContext(connection) as seen:
            answer = client.get(path)
        answers[reason] = (answer.status_code, words(answer))
        queries[reason] = [query["sql"].split(" WHERE ")[0] for query in seen]
        posted = [client.post(path, {"answer": each}) for each in ("accept", "stop", "switch")]
        assert {each.status_code for each in posted} == {404}
        assert client.post(f"{path}opened").content == b""
    assert len(set(answers.values())) == 1
    assert NEUTRAL in answers["unknown"][1]
    assert all(len(each) == 1 for each in queries.values()), queries
    assert len({each[0] for each in queries.values()}) == 1


def test_the_page_of_the_session_is_closed_for_who_has_none(client: Client) -> None:
    assert client.get(reverse("invitation_waiting")).status_code == 404


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


def test_one_address_can_not_try_without_end(
    client: Client, invitation: Invitation, path: str
) -> None:
    for _try in range(POSTS_A_MINUTE):
        assert accept(client, path, password="").status_code == 422
    answer = accept(client, path)
    assert answer.status_code == 429
    assert "Too many tries from your network." in words(answer)
    assert 'value="Amara O."' in answer.content.decode()
    client.post(f"{path}opened")
    assert state(invitation) == "sent"
    elsewhere = client.post(path, {"answer": "decline"}, REMOTE_ADDR="203.0.113.9")
    assert elsewhere.status_code == 200


def test_a_form_of_another_site_is_refused(path: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(path, {"answer": "stop"}).status_code == 403
    strict.get(path)
    typed = {"answer": "decline", "csrfmiddlewaretoken": strict.cookies["csrftoken"].value}
    for origin, status in (("https://evil.example", 403), ("null", 200)):
        assert strict.post(path, typed, headers={"Origin": origin}).status_code == status


def test_no_log_line_holds_a_token(
    client: Client, invitation: Invitation, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    accept(client, path, password="")
    client.get(f"/i/{TOKEN}/")
    client.raise_request_exception = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Link, "find", None)
        assert client.get(path).status_code == 500
    token = path.split("/")[2]
    raw = [record.getMessage() for record in caplog.records]
    assert sum(token in line for line in raw) >= 2
    written = "\n".join(map(Formatter().format, caplog.records))
    assert "/i/…/" in written
    assert token not in written
    assert TOKEN not in written
    assert Formatter().format(_line("next=%2Fi%2Fsecret%2F /s/secret/")).count("secret") == 0


def _line(text: str) -> logging.LogRecord:
    return logging.makeLogRecord({"msg": text})


def test_every_handler_of_the_log_leaves_tokens_out(settings) -> None:
    handlers = [
        handler
        for name in (None, "django", "django.server", "django.request")
        for handler in logging.getLogger(name).handlers
        if type(handler).__module__.split(".")[0] != "_pytest"
    ]
    assert handlers
    assert all(isinstance(handler.formatter, Formatter) for handler in handlers)


def test_no_server_writes_a_log_of_addresses() -> None:
    root = Path(__file__).resolve().parents[2]
    texts = [(root / name).read_text() for name in ("Procfile", "Dockerfile", "config/run.py")]
    assert not any("--access-log" in text for text in texts)


def test_an_invitation_ends_to_the_second(client: Client, amara: Contact) -> None:
    expired = make_expired(amara)
    assert expired.expires_at - expired.created_at < timedelta(seconds=5)
    assert client.get(copied_path(expired)).status_code == 404
