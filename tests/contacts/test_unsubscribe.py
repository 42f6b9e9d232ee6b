"""The link in each mail that stops all mail: shown first, done by one press or one click."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils.html import strip_tags

from activity.models import ActivityEvent
from contacts.models import Contact, Delivery
from contacts.unsubscribing import unsubscribe_address
from contacts.views.unsubscribing import ASKED_A_MINUTE
from tests.builders import make_user
from tests.contacts.portal_people import make_amara, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def amara() -> Contact:
    return make_amara(notes="Pays late")


@pytest.fixture
def visitor() -> Client:
    return Client(enforce_csrf_checks=True)


def link(contact: Contact) -> str:
    return urlsplit(unsubscribe_address(contact)).path


def text(answer: Any) -> str:
    return " ".join(strip_tags(answer.content.decode()).split())


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_the_link_changes_nothing(visitor: Client, amara: Contact, method: str) -> None:
    assert getattr(visitor, method)(link(amara)).status_code == 200
    amara.refresh_from_db()
    assert amara.do_not_contact_at is None


def test_the_page_says_who_writes_and_what_would_stop(visitor: Client, amara: Contact) -> None:
    page = text(visitor.get(link(amara)))
    assert "Stop mail from Annals?" in page
    assert "Annals writes to Amara Okonkwo." in page
    assert "Nothing has changed yet." in page
    assert "Pays late" not in page


@pytest.mark.parametrize("body", [{}, {"List-Unsubscribe": "One-Click"}])
def test_a_post_stops_all_mail_without_a_token_or_an_account(
    visitor: Client, amara: Contact, body: dict[str, str]
) -> None:
    write(amara, state="queued")
    done = visitor.post(link(amara), body, headers={"Origin": "null"})
    assert done.status_code == 200
    assert "You get no more mail" in text(done)
    amara.refresh_from_db()
    assert amara.do_not_contact_source == "recipient"
    assert Delivery.objects.get().state == "cancelled"
    event = ActivityEvent.objects.get(verb="contact.opted_out")
    assert (event.actor_type, event.actor_id) == ("contact", amara.pk)


def test_doing_it_again_is_one_event_and_the_same_page(visitor: Client, amara: Contact) -> None:
    for _time in range(2):
        assert "You get no more mail" in text(visitor.post(link(amara)))
    assert "You get no more mail" in text(visitor.get(link(amara)))
    assert ActivityEvent.objects.filter(verb="contact.opted_out").count() == 1


def test_the_link_works_for_who_is_signed_in_as_somebody_else(amara: Contact) -> None:
    client = Client()
    client.force_login(make_user(name="Vic"))
    assert client.post(link(amara)).status_code == 200
    assert ActivityEvent.objects.get(verb="contact.opted_out").actor_type == "contact"


def test_the_link_of_a_mail_works_until_the_contact_is_deleted(
    visitor: Client, amara: Contact
) -> None:
    stop = Delivery.objects.get(message=write(amara)).headers["List-Unsubscribe"]
    path = urlsplit(stop.strip("<>")).path
    assert visitor.get(path).status_code == 200
    amara.delete()
    assert visitor.get(path).status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_link_and_one_of_a_deleted_contact_are_answered_alike(
    visitor: Client, amara: Contact, method: str
) -> None:
    gone = link(amara)
    amara.delete()
    forged = gone.replace(gone[3:35], "0" * 32)
    pages = [getattr(visitor, method)(path) for path in (gone, forged, "/u/some/", "/u/a.b/")]
    assert {page.status_code for page in pages} == {404}
    assert len({text(page) for page in pages}) == 1
    assert "This link is not in use" in text(pages[0])


def test_nobody_keeps_passes_on_or_indexes_the_page(visitor: Client, amara: Contact) -> None:
    for path in (link(amara), "/u/some/"):
        headers = visitor.get(path).headers
        assert "no-store" in headers["Cache-Control"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in headers["X-Robots-Tag"]


def test_one_address_that_asks_very_often_is_told_to_wait(visitor: Client, amara: Contact) -> None:
    for _time in range(ASKED_A_MINUTE):
        assert visitor.get("/u/some/").status_code == 404
    for path in ("/u/some/", link(amara)):
        slow = visitor.post(path)
        assert slow.status_code == 429
        assert slow.headers["Referrer-Policy"] == "no-referrer"
    assert not ActivityEvent.objects.filter(verb="contact.opted_out").exists()
    assert visitor.get(link(amara), REMOTE_ADDR="192.0.2.7").status_code == 200
