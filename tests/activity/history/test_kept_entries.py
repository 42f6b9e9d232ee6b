"""Entries are kept once drawn: never after what they show has changed, nor for other rights."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from activity.context import acting
from contacts.models import Contact
from tests.activity.history.pages import html
from tests.builders import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def moved(mia: User, amara: Contact) -> Contact:
    """Return the contact, moved to Lagos by Mia and given to her."""
    with acting(actor=mia):
        amara.city, amara.owner = "Lagos", mia
        amara.save()
    return amara


def test_an_entry_that_was_kept_is_the_one_that_was_drawn(client: Client, moved: Contact) -> None:
    first = html(client, moved)
    assert "<ins>Lagos</ins>" in first
    assert html(client, moved).count("<ins>Lagos</ins>") == first.count("<ins>Lagos</ins>") == 1


def test_values_can_be_put_back_by_those_only_who_may_change_the_contact(
    client: Client, mia: User, moved: Contact
) -> None:
    button = reverse("contact_put_back", args=[moved.pk, 1])
    for reader, sees in (
        (mia, True),
        (make_user(name="Vic"), False),
        (make_user(name="Max"), True),
    ):
        client.force_login(reader)
        assert (button in html(client, moved)) is sees, reader


def test_buttons_name_the_version_that_the_contact_has_now(client: Client, moved: Contact) -> None:
    assert "seen=2" in html(client, moved)
    moved.job_title = "Chair"
    moved.save()
    page = html(client, moved)
    assert "seen=3" in page
    assert "seen=2" not in page


def test_times_are_those_of_the_readers_zone(client: Client, mia: User, moved: Contact) -> None:
    assert "+05:45" not in html(client, moved)
    User.objects.filter(pk=mia.pk).update(time_zone="Asia/Kathmandu")
    assert "+05:45" in html(client, moved)
