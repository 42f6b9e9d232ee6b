"""A list without anybody says why."""

import pytest

from tests.builders import make_contact

pytestmark = pytest.mark.django_db


def test_the_two_empty_lists_are_different(client, mia):
    page = client.get("/contacts/").content.decode()
    assert "No contacts yet" in page
    assert "New contact" in page
    make_contact()
    page = client.get("/contacts/?q=hafen").content.decode()
    assert "Nobody matches “hafen”" in page
    assert "Clear filters" in page
    assert "Look in the archive" not in page


def test_who_matches_in_the_archive_is_one_press_away(client, mia):
    make_contact(family_name="Hafenmeister").archive()
    page = client.get("/contacts/?q=hafen").content.decode()
    assert "Nobody matches “hafen”" in page
    assert "Look in the archive: 1 match" in page
    assert 'href="?q=hafen&amp;status=archived"' in page


def test_an_empty_archive_and_a_list_with_everybody_archived_say_so(client, mia):
    contact = make_contact()
    assert "Nobody is archived" in client.get("/contacts/?status=archived").content.decode()
    contact.archive()
    assert "Everybody is archived" in client.get("/contacts/").content.decode()
