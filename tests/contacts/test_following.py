"""Following a contact: said by a button, never by itself."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from contacts.models import Contact, Follow
from tests.builders import make_comment, make_contact, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def amara() -> Contact:
    return make_contact()


@pytest.fixture
def vic(client: Client) -> User:
    vic = make_user(name="Vic")
    client.force_login(vic)
    return vic


def is_pressed(client: Client, contact: Contact) -> bool:
    page = client.get(contact.get_absolute_url()).content.decode()
    return 'id="follow" aria-pressed="true"' in page


def test_a_viewer_follows_and_follows_no_longer(client: Client, amara: Contact, vic: User) -> None:
    assert not is_pressed(client, amara)
    answer = client.post(reverse("contact_follow", args=[amara.pk]), follow=True)
    assert "You follow Amara Okonkwo" in answer.content.decode()
    assert is_pressed(client, amara)
    answer = client.post(reverse("contact_unfollow", args=[amara.pk]), follow=True)
    assert "You no longer follow Amara Okonkwo" in answer.content.decode()
    assert not is_pressed(client, amara)


def test_the_button_alone_is_answered_to_a_script(
    client: Client, amara: Contact, vic: User
) -> None:
    answer = client.post(reverse("contact_follow", args=[amara.pk]), headers=HTMX)
    page = answer.content.decode()
    assert page.startswith("<form")
    assert 'aria-pressed="true"' in page
    assert reverse("contact_unfollow", args=[amara.pk]) in page


def test_following_twice_from_two_tabs_is_following_once(
    client: Client, amara: Contact, vic: User
) -> None:
    for _tab in range(2):
        assert client.post(reverse("contact_follow", args=[amara.pk])).status_code == 303
    assert Follow.objects.count() == 1


def test_nobody_follows_by_what_they_do(client: Client, amara: Contact) -> None:
    mia = make_user(name="Mia")
    make_comment(amara, mia)
    amara.owner = mia
    amara.save()
    client.force_login(mia)
    assert not is_pressed(client, amara)


def test_who_followed_a_merged_contact_follows_its_survivor(
    client: Client, amara: Contact, vic: User
) -> None:
    twin = make_contact(given_name="Amara", emails=["a@calder.example"])
    Follow.objects.follow(vic, twin)
    amara.absorb(twin, {})
    amara.refresh_from_db()
    assert is_pressed(client, amara)
    client.post(reverse("contact_follow", args=[amara.pk]))
    assert Follow.objects.count() == 1
    client.post(reverse("contact_unfollow", args=[amara.pk]))
    assert not is_pressed(client, amara)


def test_a_deleted_contact_is_followed_by_nobody(client: Client, amara: Contact, vic: User) -> None:
    Follow.objects.follow(vic, amara)
    amara.delete(reason="Asked for it")
    assert not Follow.objects.exists()
    assert client.post(reverse("contact_follow", args=[amara.pk])).status_code == 410


def test_who_is_nobody_of_the_team_follows_nobody(client: Client, amara: Contact) -> None:
    client.force_login(User.objects.create_user("x@y.example"))
    assert client.post(reverse("contact_follow", args=[amara.pk])).status_code == 403
    assert not Follow.objects.exists()
