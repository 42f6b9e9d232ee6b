"""Editing a contact: what is kept, what is refused, and who may."""

import pytest
from django.db import connection
from uuid_utils.compat import uuid7

from activity.models import ActivityEvent
from tests.builders import make_contact, make_user
from tests.contacts.editing.saving import edit, stored

pytestmark = pytest.mark.django_db


def test_the_form_shows_what_is_kept(client, mia):
    contact = make_contact(emails=["a@b.example"], phones=["+12022243441"], tags=["VIP"])
    page = client.get(f"/contacts/{contact.pk}/edit").content.decode()
    for shown in ('value="a@b.example"', 'value="+1 202-224-3441"', 'value="VIP"',
                  'name="version" value="1"'):  # fmt: skip
        assert shown in page


def test_a_change_is_saved_with_one_event_that_says_what_changed(client, mia):
    contact = make_contact(phones=["+12022243441"])
    response = edit(client, contact, phone="202-555-0100", given_name="Amara")
    assert response.status_code == 303
    assert stored(contact).phones == ["+12025550100"]
    event = ActivityEvent.objects.filter(verb="contact.updated").get()
    assert [change["label"] for change in event.changes] == ["Given name", "Phone"]
    assert "was saved" in client.get(response.headers["Location"]).content.decode()


def test_saving_without_a_change_leaves_no_event(client, mia):
    contact = make_contact(emails=["a@b.example"], notes="two\nlines", owner=mia)
    sent = {"given_name": "", "email": "A@b.example ", "notes": "two\r\nlines", "owner": mia.pk}
    response = edit(client, contact, **sent)
    assert response.status_code == 303
    assert "Nothing was changed." in client.get(response.headers["Location"]).content.decode()
    assert ActivityEvent.objects.of(contact.pk).count() == 1
    assert stored(contact).version == 1


def test_fields_that_are_not_sent_stay_and_empty_ones_are_emptied(client, mia):
    contact = make_contact(given_name="A", city="Lagos", tags=["VIP"], emails=["a@b.example"])
    edit(client, contact, city="", tags="")
    assert stored(contact).city == ""
    assert stored(contact).tags == []
    assert stored(contact).emails == ["a@b.example"]


def test_another_email_can_become_the_primary_one(client, mia):
    contact = make_contact(emails=["a@x.example", "b@x.example"])
    edit(client, contact, email=["a@x.example", "b@x.example", ""], email_primary="1")
    assert stored(contact).emails == ["b@x.example", "a@x.example"]


def test_an_odd_phone_that_was_imported_does_not_stand_in_the_way(client, mia):
    contact = make_contact(given_name="A", phones=["ask for Bob"], tags=[f"{n}" for n in range(30)])
    sent = {"phone": ["ask for Bob", "202-555-0100"], "tags": [f"{n}" for n in range(30)]}
    assert edit(client, contact, city="Lagos", **sent).status_code == 303
    assert stored(contact).phones == ["ask for Bob", "+12025550100"]
    assert len(stored(contact).tags) == 30


def test_an_owner_who_left_stays_the_owner_until_somebody_changes_it(client, mia):
    left = make_user(name="Lea", is_active=False)
    contact = make_contact(owner=left)
    assert edit(client, contact, city="Lagos", owner=str(left.pk)).status_code == 303
    assert stored(contact).owner == left


def test_an_invalid_change_comes_back_with_what_was_typed(client, mia):
    contact = make_contact(given_name="A", emails=["a@b.example"])
    response = edit(client, contact, email="nonsense", city="Lagos")
    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="nonsense"' in page
    assert 'value="Lagos"' in page
    assert 'name="version" value="1"' in page
    assert stored(contact).city == ""


def test_taking_away_all_that_names_a_contact_is_refused(client, mia):
    contact = make_contact(given_name="A")
    assert edit(client, contact, given_name="").status_code == 422
    assert stored(contact).given_name == "A"


def test_a_contact_that_never_was_is_not_found(client, mia):
    assert client.get(f"/contacts/{uuid7()}/edit").status_code == 404
    assert client.post(f"/contacts/{uuid7()}/edit", {"given_name": "A"}).status_code == 404


def test_viewers_cannot_edit(client):
    client.force_login(make_user(name="Vic"))
    contact = make_contact()
    assert client.get(f"/contacts/{contact.pk}/edit").status_code == 403
    assert edit(client, contact, city="Lagos").status_code == 403
    assert stored(contact).city == ""


def test_opening_the_form_changes_nothing(client, mia):
    contact = make_contact()
    before = stored(contact).last_activity_at
    assert client.get(f"/contacts/{contact.pk}/edit").status_code == 200
    assert stored(contact).last_activity_at == before
    assert ActivityEvent.objects.of(contact.pk).count() == 1


def test_the_form_costs_a_constant_number_of_queries(client, mia, django_assert_max_num_queries):
    contact = make_contact()
    with django_assert_max_num_queries(10, connection=connection):
        client.get(f"/contacts/{contact.pk}/edit")
