"""Somebody who may be known already is asked about first."""

import pytest

from contacts.models import Contact
from tests.builders import make_contact
from tests.contacts.creating.adding import create

pytestmark = pytest.mark.django_db


def test_an_email_or_phone_or_name_that_is_known_is_asked_about_first(client, mia):
    known = make_contact(
        given_name="Amara",
        family_name="Okonkwo",
        emails=["amara@calder.example"],
        phones=["+12022243441"],
    )
    for same in (
        {"given_name": "X", "email": "AMARA@calder.example"},
        {"given_name": "X", "phone": "202-224-3441"},
        {"given_name": "amara", "family_name": "OKONKWO"},
    ):
        response = create(client, notes="Typed with care", **same)
        page = response.content.decode()
        assert response.status_code == 409
        assert "This may be somebody you know already" in page
        assert f'href="/contacts/{known.pk}/"' in page
        assert "Save anyway" in page
        assert "Typed with care" in page
    assert Contact.objects.count() == 1


def test_names_are_compared_without_accents_and_companies_by_name(client, mia):
    make_contact(given_name="Jörg", family_name="Müller")
    make_contact(organisation="Calder")
    assert create(client, given_name="Jorg", family_name="Muller").status_code == 409
    assert create(client, organisation="CALDER").status_code == 409
    assert create(client, given_name="Jörg", organisation="Calder").status_code == 303


def test_saving_anyway_saves_but_a_further_duplicate_is_asked_about_again(client, mia):
    first = make_contact(emails=["one@x.example"])
    second = make_contact(given_name="Other", emails=["two@x.example"])
    answered = {"not_duplicate": [str(first.pk)], "given_name": "X"}
    assert create(client, email=["one@x.example", "two@x.example"], **answered).status_code == 409
    answered["not_duplicate"].append(str(second.pk))
    assert create(client, email=["one@x.example", "two@x.example"], **answered).status_code == 303


def test_the_form_asks_about_archived_contacts_too(client, mia):
    make_contact(emails=["one@x.example"]).archive()
    response = create(client, email="one@x.example")
    assert response.status_code == 409
    assert "Archived" in response.content.decode()
