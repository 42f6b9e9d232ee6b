"""Reading pages from a streaming replica, without anybody missing what they did themselves."""

import logging
import os
from collections.abc import Iterator
from unittest.mock import patch

import environ
import pytest
from celery import current_app
from django.conf import settings
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from uuid_utils.compat import uuid7

from accounts import replica
from accounts.models import User
from activity.models import ActivityEvent
from config.databases import database_settings
from config.reading import PAGES
from contacts.models import Contact
from tests.builders import make_comment, make_contact, make_user
from tests.config.replicas import Replica

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", replica.ALIAS])


@pytest.fixture(scope="module")
def server(django_db_setup, django_db_blocker) -> Iterator[Replica]:
    """Return a replica of the tests' database, which DATABASES names as READ_DATABASE_URL would."""
    with django_db_blocker.unblock():
        made = Replica()
    with patch.dict(os.environ, READ_DATABASE_URL="postgres://postgres@replica/annals"):
        found = database_settings(environ.Env())["DATABASES"][replica.ALIAS]
    found |= {"NAME": settings.DATABASES["default"]["NAME"], "HOST": str(made.folder)}
    with patch.dict(settings.DATABASES, {replica.ALIAS: found}):
        connections.configure_settings(settings.DATABASES)
        yield made
        made.remove()
        connections[replica.ALIAS].close_pool()
        del connections[replica.ALIAS]


@pytest.fixture
def reading(server, settings, monkeypatch, transactional_db) -> None:
    """Have Annals read from the replica, and look how far that is each time."""
    settings.DATABASE_ROUTERS = ["accounts.replica.Router"]
    monkeypatch.setattr(replica, "follower", replica.Follower())
    monkeypatch.setattr(replica, "LOOK_AFTER", 0.0)
    monkeypatch.setattr(replica, "RETRY_AFTER", 0.0)


@pytest.fixture
def follower(server, reading) -> Iterator[Replica]:
    """Return the replica."""
    yield server
    server.resume()


def hold(follower: Replica) -> None:
    """Have the replica show, and Annals know that it shows, all written so far and nothing more.

    It replays what other tests write at the same time as well.
    """
    follower.resume()
    with patch.object(replica, "PATIENCE", 20.0):
        assert replica.follower.reaches(replica.written())
    follower.pause()


@pytest.fixture
def amara(transactional_db) -> Contact:
    return make_contact()


@pytest.fixture
def mia(transactional_db) -> User:
    return make_user(name="Mia")


@pytest.fixture
def ben(transactional_db) -> User:
    return make_user(name="Ben")


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def page(browser: Client, contact: Contact) -> str:
    answer = browser.get(contact.get_absolute_url())
    assert answer.status_code == 200
    return answer.content.decode()


def comment(browser: Client, contact: Contact, body: str) -> str:
    """Comment without htmx, and return the page that the answer leads to."""
    answer = browser.post(
        f"{contact.get_absolute_url()}comments/", {"id": uuid7(), "body": body}, follow=True
    )
    assert answer.status_code == 200
    return answer.content.decode()


def test_who_comments_sees_it_at_once_and_others_read_from_the_replica(
    follower, amara, mia, ben
) -> None:
    mias, bens = browser_of(mia), browser_of(ben)
    hold(follower)
    assert "Call her on Monday" in comment(mias, amara, "Call her on Monday")
    assert "Call her on Monday" in page(mias, amara)
    assert "Call her on Monday" not in page(bens, amara)
    follower.resume()
    assert "Call her on Monday" in page(bens, amara)


def test_who_commented_reads_from_the_replica_once_it_has_the_comment(follower, amara, mia) -> None:
    mias = browser_of(mia)
    comment(mias, amara, "Call her on Monday")
    hold(follower)
    assert "Call her on Monday" in page(mias, amara)
    make_comment(amara, body="Said by somebody else")
    assert "Said by somebody else" not in page(mias, amara)


def test_the_other_browser_of_who_commented_shows_it_too(follower, amara, mia) -> None:
    at_the_desk, on_the_phone = browser_of(mia), browser_of(mia)
    hold(follower)
    comment(at_the_desk, amara, "Call her on Monday")
    assert "Call her on Monday" in page(on_the_phone, amara)


def test_what_somebody_has_seen_does_not_go_away_again(follower, amara, mia) -> None:
    mias = browser_of(mia)
    hold(follower)
    comment(mias, amara, "Call her on Monday")
    make_comment(amara, body="Said by somebody else")
    assert "Said by somebody else" in page(mias, amara)
    assert "Said by somebody else" in page(mias, amara)


def test_what_a_worker_did_for_somebody_is_not_missing(follower, amara, mia) -> None:
    mias = browser_of(mia)
    hold(follower)

    @current_app.task(name="tests.comment_for_somebody")
    def work() -> None:
        make_comment(amara, mia, "Imported with the file")

    work.apply(headers={"actor": str(mia.pk)})
    assert "Imported with the file" in page(mias, amara)


def test_an_administrator_sees_at_once_that_they_looked_at_the_log(follower) -> None:
    adas = browser_of(make_user(name="Ada"))
    hold(follower)
    answer = adas.get("/activity/")
    looked = ActivityEvent.objects.get(verb="log.viewed")
    assert str(looked.uid) in answer.content.decode()


def test_the_log_is_read_from_the_replica_only(follower, amara) -> None:
    bens = browser_of(make_user(name="Ben"))
    hold(follower)
    bens.get("/activity/")
    with CaptureQueriesContext(connections["default"]) as queries:
        assert bens.get("/activity/?from=2026-01-01&kind=contact.created").status_code == 200
    assert not [query["sql"] for query in queries if "activity_event" in query["sql"]]


def sent(browser: Client) -> str:
    answer = browser.post("/contacts/export", {"everyone": "1", "format": "csv"})
    assert answer.status_code == 200
    return answer.getvalue().decode()


def test_a_file_is_read_from_the_replica_while_it_is_sent(follower, amara) -> None:
    hold(follower)
    follower.resume()
    browser = browser_of(make_user(name="Max"))
    with CaptureQueriesContext(connections[replica.ALIAS]) as queries:
        assert "Amara" in sent(browser)
    assert any('FROM "contacts_contact"' in query["sql"] for query in queries)


def test_a_file_is_complete_though_the_replica_is_behind(follower, amara, monkeypatch) -> None:
    monkeypatch.setattr(replica, "PATIENCE", 0.02)
    hold(follower)
    make_contact(given_name="Zoë")
    assert "Zoë" in sent(browser_of(make_user(name="Max")))


def test_rights_taken_away_are_gone_at_once(follower, amara, ben) -> None:
    bens = browser_of(ben)
    hold(follower)
    ben.is_active = False
    ben.save()
    assert bens.get(amara.get_absolute_url()).status_code == 302


def test_a_replica_too_far_behind_is_not_read(follower, settings, amara, ben, client) -> None:
    bens = browser_of(ben)
    hold(follower)
    make_comment(amara, body="Call her on Monday")
    assert "Call her on Monday" not in page(bens, amara)
    settings.READ_MAX_LAG_SECONDS = 0
    assert "Call her on Monday" in page(bens, amara)
    assert "is more than 0 seconds behind" in client.get("/readyz").content.decode()


def test_a_replica_that_stops_is_done_without(follower, amara, ben, client, caplog) -> None:
    bens = browser_of(ben)
    hold(follower)
    follower.stop()
    make_comment(amara, body="Call her on Monday")
    try:
        with caplog.at_level(logging.WARNING, logger="accounts.replica"):
            assert "Call her on Monday" in page(bens, amara)
            assert "Call her on Monday" in page(bens, amara)
            assert "does not answer" in client.get("/readyz").content.decode()
    finally:
        follower.start()
    assert caplog.text.count("Pages are read from the primary") == 1
    follower.resume()
    page(bens, amara)
    assert "READ_DATABASE_URL" not in client.get("/readyz").content.decode()


def test_a_database_that_is_no_replica_is_not_read(
    reading, monkeypatch, settings, amara, client
) -> None:
    settings.READ_MAX_LAG_SECONDS = 0
    host = connections["default"].settings_dict["HOST"]
    connections[replica.ALIAS].close_pool()
    monkeypatch.setitem(connections[replica.ALIAS].settings_dict, "HOST", host)
    assert amara.given_name in page(browser_of(make_user(name="Ben")), amara)
    assert "is more than 0 seconds behind" in client.get("/readyz").content.decode()
    connections[replica.ALIAS].close_pool()


def test_every_page_that_is_read_from_the_replica_exists() -> None:
    assert set(get_resolver().reverse_dict) >= PAGES
