"""How far somebody has read a contact's timeline: noted by their browser, and forgotten in time."""

import threading

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from activity.models import ActivityEvent, Seen
from contacts.models import Contact
from tests.activity.happenings import happen
from tests.activity.timeline_pages import html
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def mia(client: Client) -> User:
    mia = make_user(name="Mia")
    client.force_login(mia)
    return mia


@pytest.fixture
def amara() -> Contact:
    return make_contact()


def look(client: Client, contact: Contact, newest: object) -> int:
    """Send what the page sends once it was looked at; return the answer's status."""
    address = reverse("contact_seen", args=[contact.pk])
    return client.post(address, {"newest": newest}, headers=HTMX).status_code


def newest(contact: Contact) -> int:
    return ActivityEvent.objects.of(contact.pk)[0].id


def test_opening_a_page_by_itself_notes_nothing(client: Client, mia: User, amara: Contact) -> None:
    html(client, amara.get_absolute_url())
    assert not Seen.objects.exists()


def test_the_page_sends_what_it_showed_once_it_was_looked_at(
    client: Client, mia: User, amara: Contact
) -> None:
    page = html(client, amara.get_absolute_url())
    assert f'hx-post="{reverse("contact_seen", args=[amara.pk])}"' in page
    assert f'name="newest" value="{newest(amara)}"' in page
    assert look(client, amara, newest(amara)) == 204
    seen = Seen.objects.get()
    assert (seen.user, seen.contact, seen.event_id) == (mia, amara, newest(amara))


def test_without_javascript_a_button_leads_back_to_the_page(
    client: Client, mia: User, amara: Contact
) -> None:
    answer = client.post(reverse("contact_seen", args=[amara.pk]), {"newest": newest(amara)})
    assert (answer.status_code, answer.headers["Location"]) == (303, amara.get_absolute_url())
    assert Seen.objects.count() == 1


def test_a_tab_that_showed_less_takes_nothing_back(
    client: Client, mia: User, amara: Contact
) -> None:
    older = newest(amara)
    [newer] = happen(amara)
    for shown in (newer, older):
        look(client, amara, shown)
    assert Seen.objects.get().event_id == newer


@pytest.mark.parametrize("value", ["", "-1", "x", "1e9", "9" * 30, "\x00", "٣"])
def test_nonsense_notes_nothing(client: Client, mia: User, amara: Contact, value: str) -> None:
    assert look(client, amara, value) == 204
    assert not Seen.objects.exists()


def test_part_of_a_timeline_is_not_all_that_is_new(
    client: Client, mia: User, amara: Contact
) -> None:
    for query in ({"q": "amara"}, {"kind": "contact.created"}, {"before": "999999999"}):
        assert 'name="newest"' not in html(client, amara.get_absolute_url(), **query)


def test_only_those_who_see_contacts_can_have_seen_one(client: Client, amara: Contact) -> None:
    client.force_login(User.objects.create_user("new@annals.example", name="New"))
    assert look(client, amara, 1) == 403


def test_of_a_deleted_contact_nothing_is_kept(client: Client, mia: User, amara: Contact) -> None:
    look(client, amara, newest(amara))
    amara.delete()
    assert not Seen.objects.exists()
    assert look(client, amara, 1) == 410


def test_of_a_closed_account_nothing_is_kept(client: Client, mia: User, amara: Contact) -> None:
    look(client, amara, newest(amara))
    mia.close()
    assert not Seen.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_who_looks_while_the_contact_is_deleted_leaves_nothing(amara: Contact) -> None:
    mia = make_user(name="Mia")

    def note() -> None:
        Seen.objects.note(mia, amara, 1)
        connection.close()

    looking = threading.Thread(target=note)
    with transaction.atomic():
        Contact.objects.locked(amara.pk).delete()
        looking.start()
        looking.join(0.2)
        assert looking.is_alive()
    looking.join(10)
    assert not Seen.objects.exists()
