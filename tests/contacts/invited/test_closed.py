"""Links that open nothing: why is not told, and the token stands in no log."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.log_lines import Formatter
from contacts.models import Contact, Invitation, Link
from contacts.views.personal import POSTS_A_MINUTE
from tests.builders import make_contact, make_user
from tests.contacts.invitations import (
    copied_path,
    mailed_path,
    make_expired,
    make_invitation,
    words,
)
from tests.contacts.invited.answering import NEUTRAL, TOKEN, accept, state

pytestmark = pytest.mark.django_db


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
    assert "/i/<str:token>/" in written
    assert token not in written
    assert TOKEN not in written
    assert Formatter().format(_line("next=%2Fi%2Fsecret%2F /s/secret/")).count("secret") == 0


def _line(text: str) -> logging.LogRecord:
    return logging.makeLogRecord({"name": "contacts", "msg": text})


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
    root = Path(__file__).resolve().parents[3]
    texts = [(root / name).read_text() for name in ("Procfile", "Dockerfile", "config/run.py")]
    assert not any("--access-log" in text for text in texts)


def test_an_invitation_ends_to_the_second(client: Client, amara: Contact) -> None:
    expired = make_expired(amara)
    assert expired.expires_at - expired.created_at < timedelta(seconds=5)
    assert client.get(copied_path(expired)).status_code == 404
