"""A merge is one row on the survivor's timeline, and both of its events in the History."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from activity.filters import Filters
from activity.live.newer import find
from activity.pictures.strip import strip
from contacts.models import Contact
from tests.activity.timeline_pages import html
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def max_(client: Client) -> User:
    user = make_user("manager", name="Max")
    client.force_login(user)
    return user


@pytest.fixture
def survivor(max_: User) -> Contact:
    one, double = make_contact(), make_contact(given_name="A.")
    one.absorb(double, {}, reason="Same person")
    return Contact.objects.get(pk=one.pk)


def merges(page: str) -> int:
    return page.count('data-verb="contact.merged"')


def test_the_survivor_s_timeline_tells_a_merge_once(client: Client, survivor: Contact) -> None:
    page = html(client, survivor.get_absolute_url())
    assert merges(page) == 1
    assert "into this contact" in page and "merged this contact" not in page


def test_the_strip_counts_the_rows_that_the_timeline_shows(
    client: Client, survivor: Contact
) -> None:
    page = html(client, survivor.get_absolute_url())
    assert strip(survivor).bars.total == page.count("data-verb=") == 3


def test_an_open_page_hears_of_a_merge_once(survivor: Contact) -> None:
    assert find(survivor, Filters(), 0, None).count == 3


def test_the_history_has_both_events(client: Client, survivor: Contact) -> None:
    page = html(client, reverse("contact_history", args=[survivor.pk]))
    assert page.count("Same person") == 2


def test_a_merge_of_which_the_words_were_erased_still_shows(
    client: Client, survivor: Contact, max_: User
) -> None:
    double: Any = Contact.objects.get(pk=survivor.merged_ids[0])
    survivor.part(double)
    Contact.objects.get(pk=double.pk).delete(reason="Asked to be forgotten")
    assert merges(html(client, survivor.get_absolute_url())) == 1
