"""The contacts that somebody opened last."""

import threading

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from contacts.models import Contact, Recent
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def mia(client: Client) -> User:
    mia = make_user(name="Mia")
    client.force_login(mia)
    return mia


def look(client: Client, contact: Contact) -> None:
    answer = client.post(reverse("contact_seen", args=[contact.pk]), headers=HTMX)
    assert answer.status_code == 204


def test_who_looks_at_contacts_finds_them_again_newest_first(client: Client, mia: User) -> None:
    one, two = make_contact(), make_contact(given_name="Bo")
    for contact in (one, two, one):
        look(client, contact)
    assert Recent.objects.of(mia) == [one, two]
    page = client.get(reverse("contacts")).content.decode()
    side = page[page.index("side-recent") : page.index("side-foot")]
    assert side.index(one.get_absolute_url()) < side.index(two.get_absolute_url())


def test_opening_a_page_by_itself_notes_nothing(client: Client, mia: User) -> None:
    client.get(make_contact().get_absolute_url())
    assert not Recent.objects.exists()


def test_what_others_open_is_not_shown(client: Client, mia: User) -> None:
    Recent.objects.note(make_user(name="Ben"), make_contact())
    assert Recent.objects.of(mia) == []
    assert "side-recent" not in client.get(reverse("contacts")).content.decode()


def test_ten_are_kept_for_each_person(mia: User) -> None:
    ben = make_user(name="Ben")
    contacts = [make_contact(given_name=f"N{number}") for number in range(12)]
    for contact in contacts:
        Recent.objects.note(ben, contacts[0])
        Recent.objects.note(mia, contact)
    assert Recent.objects.of(mia) == contacts[:1:-1]
    assert Recent.objects.filter(user=mia).count() == 10
    assert Recent.objects.of(ben) == contacts[:1]


def test_a_merged_contact_is_left_out(mia: User) -> None:
    survivor, merged = make_contact(), make_contact(given_name="Bo")
    Recent.objects.note(mia, merged)
    survivor.absorb(merged, {})
    assert Recent.objects.of(mia) == []


def test_of_a_deleted_contact_nothing_is_kept(mia: User) -> None:
    amara = make_contact()
    Recent.objects.note(mia, amara)
    amara.delete()
    assert not Recent.objects.exists()


def test_of_a_closed_account_nothing_is_kept(mia: User) -> None:
    Recent.objects.note(mia, make_contact())
    mia.close()
    assert not Recent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_who_looks_while_the_contact_is_deleted_leaves_nothing() -> None:
    amara, mia = make_contact(), make_user(name="Mia")

    def note() -> None:
        Recent.objects.note(mia, amara)
        connection.close()

    looking = threading.Thread(target=note)
    with transaction.atomic():
        Contact.objects.locked(amara.pk).delete()
        looking.start()
        looking.join(0.2)
        assert looking.is_alive()
    looking.join(10)
    assert not Recent.objects.exists()
