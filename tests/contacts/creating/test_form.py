"""Creating a contact: what is noted of it, and who may."""

import pytest
from django.test import Client

from accounts.models import User
from activity.models import ActivityEvent
from contacts.models import Contact
from tests.builders import make_user
from tests.contacts.creating.adding import create, the_contact

pytestmark = pytest.mark.django_db


def test_a_contact_is_added_and_its_page_opens(client, mia):
    response = client.post(
        "/contacts/new",
        {
            "honorific": "Dr.",
            "given_name": "Amara",
            "middle_name": "N.",
            "family_name": "Okonkwo",
            "suffix": "PhD",
            "organisation": "Calder & Wren",
            "job_title": "Head of Operations",
            "email": "Amara@Calder.example",
            "phone": "+44 20 7946 0018",
            "website": "calder.example/team",
            "street": "1 Quay",
            "postal_code": "E1",
            "city": "London",
            "region": "Greater London",
            "country": "United Kingdom",
            "tags": "VIP, Depot rollout",
            "notes": "Met in Lagos.\r\nCalls back.",
            "owner": str(mia.pk),
        },
    )
    contact = the_contact()
    assert response.status_code == 303
    assert response.headers["Location"] == f"/contacts/{contact.pk}/"
    assert contact.name == "Dr. Amara Okonkwo, PhD"
    assert contact.emails == ["amara@calder.example"]
    assert contact.phones == ["+442079460018"]
    assert contact.website == "https://calder.example/team"
    assert contact.tags == ["VIP", "Depot rollout"]
    assert contact.notes == "Met in Lagos.\nCalls back."
    assert (contact.street, contact.postal_code, contact.city) == ("1 Quay", "E1", "London")
    page = client.get(response.headers["Location"]).content.decode()
    assert "Dr. Amara Okonkwo, PhD was added." in page


def test_adding_leaves_one_event_that_names_who_did_it(client, mia):
    create(client, given_name="Amara")
    [event] = ActivityEvent.objects.of(the_contact().pk)
    assert event.verb == "contact.created"
    assert event.actor_name == "Mia"
    assert event.contact_id == the_contact().pk


def test_the_creator_owns_the_contact_unless_another_was_chosen(client, mia):
    ben = make_user(name="Ben")
    create(client, given_name="Hers")
    create(client, given_name="His", owner=str(ben.pk))
    create(client, given_name="Nobodys", owner="")
    assert Contact.objects.get(given_name="Hers").owner == mia
    assert Contact.objects.get(given_name="His").owner == ben
    assert Contact.objects.get(given_name="Nobodys").owner is None


def test_somebody_who_left_cannot_become_an_owner(client, mia):
    ben = make_user(name="Ben Mwangi", email="ben@annals.example", is_active=False)
    assert create(client, given_name="A", owner=str(ben.pk)).status_code == 422
    page = client.get("/contacts/new").content.decode()
    assert "Ben Mwangi" not in page and str(ben.pk) not in page


def test_asking_for_another_input_keeps_what_was_typed_and_saves_nothing(client, mia):
    response = create(client, more="email", email="half@typed", given_name="Amara")
    page = response.content.decode()
    assert response.status_code == 200
    assert 'value="half@typed"' in page
    assert 'id="id_email_1"' in page
    assert "Not saved yet" not in page
    assert not Contact.objects.exists()


def test_viewers_cannot_add_contacts(client):
    client.force_login(make_user(name="Vic"))
    assert client.get("/contacts/new").status_code == 403
    assert create(client, given_name="A").status_code == 403
    assert not Contact.objects.exists()


def test_somebody_signed_out_cannot_add_contacts(client):
    assert create(client, given_name="A").status_code == 302
    assert not Contact.objects.exists()
    assert User.objects.count() == 0


def test_a_form_without_its_token_is_refused():
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_user(name="Mia"))
    assert create(strict, given_name="A").status_code == 403


def test_typed_markup_comes_back_as_text(client, mia):
    evil = '"><script>alert(1)</script>'
    page = create(client, given_name=evil, tags=evil, phone=evil, notes="</textarea>" + evil)
    assert page.status_code == 422
    assert "<script>alert" not in page.content.decode()
