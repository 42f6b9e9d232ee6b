"""One form makes one contact, however often it is sent."""

import re
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from activity.models import ActivityEvent
from tests.contacts.creating.adding import create, the_contact

pytestmark = pytest.mark.django_db


def form_id(response: Any) -> str:
    return re.search(r'name="id" value="([^"]+)"', response.content.decode())[1]


def test_sending_the_form_twice_makes_one_contact_and_answers_alike(client, mia):
    sent = {
        "id": form_id(client.get("/contacts/new")),
        "given_name": "Amara",
        "email": "a@b.example",
    }
    first, again = create(client, **sent), create(client, **sent)
    assert again.status_code == first.status_code == 303
    assert again.headers["Location"] == first.headers["Location"]
    assert str(the_contact().pk) == sent["id"]
    assert ActivityEvent.objects.of(sent["id"]).count() == 1


def test_going_back_and_sending_something_else_asks_what_to_keep(client, mia):
    sent = {"id": str(uuid7()), "given_name": "Amara", "family_name": "Okonkwo"}
    create(client, **sent)
    response = create(client, **sent | {"family_name": "Okonkwo-Silva"})
    page = response.content.decode()
    assert response.status_code == 409
    assert "Okonkwo-Silva" in page
    assert f'action="/contacts/{sent["id"]}/edit"' in page
    assert the_contact().family_name == "Okonkwo"


def test_the_form_of_a_contact_that_was_deleted_since_makes_a_new_one(client, mia):
    sent = {"id": str(uuid7()), "given_name": "Amara"}
    create(client, **sent)
    the_contact().delete()
    assert create(client, **sent).status_code == 303
    assert str(the_contact().pk) != sent["id"]


def test_a_nonsense_id_is_an_invalid_form_and_not_an_error(client, mia):
    assert create(client, id="nonsense", given_name="A").status_code == 422
