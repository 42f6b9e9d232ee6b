"""Contacts keep their own details, and nothing else of what the team noted about them."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.models import User
from activity.models import ActivityEvent
from contacts.models import Contact
from tests.builders import make_user
from tests.contacts.portal_people import make_amara, make_portal

pytestmark = pytest.mark.django_db


@pytest.fixture
def amara() -> Contact:
    mia = make_user(name="Mia Zhao", email="mia@annals.example")
    return make_amara(notes="Pays late", tags=["Key account"], owner=mia, job_title="Buyer")


@pytest.fixture
def user(client: Client, amara: Contact) -> User:
    user = make_portal(amara)
    client.force_login(user)
    return user


def path(contact: Contact) -> str:
    return reverse("portal_details", args=[contact.pk])


def test_the_form_shows_the_own_details_and_nothing_of_the_teams(
    client: Client, user: User, amara: Contact
) -> None:
    page = client.get(path(amara)).content.decode()
    assert 'value="Okonkwo"' in page
    for secret in ("Pays late", "Key account", "Mia Zhao", "mia@"):
        assert secret not in page


def test_a_change_is_recorded_in_the_name_of_the_contacts_account(
    client: Client, user: User, amara: Contact
) -> None:
    typed = {"version": amara.version, "phone": ["+44 20 7946 0142"], "city": "Lagos"}
    assert client.post(path(amara), typed).status_code == 303
    amara.refresh_from_db()
    assert (amara.phones, amara.city) == (["+442079460142"], "Lagos")
    event = ActivityEvent.objects.get(verb="contact.updated")
    assert (event.actor_id, event.who) == (user.pk, "Amara Okonkwo")
    assert {change["field"] for change in event.changes} == {"phones", "city"}


def test_what_the_team_noted_cannot_be_changed_from_here(
    client: Client, user: User, amara: Contact
) -> None:
    typed = {
        "version": amara.version, "city": "Lagos", "notes": "Pays early", "tags": ["Friend"],
        "owner": str(user.pk), "take_notes": "theirs", "archived_at": "2026-01-01",
        "do_not_contact_at": "",
    }  # fmt: skip
    assert client.post(path(amara), typed).status_code == 303
    amara.refresh_from_db()
    assert (amara.notes, amara.tags) == ("Pays late", ["Key account"])
    assert amara.owner.name == "Mia Zhao"
    assert amara.city == "Lagos"


def test_what_cannot_be_read_is_refused_and_kept(
    client: Client, user: User, amara: Contact
) -> None:
    typed = {"version": amara.version, "email": ["amara at calder"], "city": "Lagos"}
    refused = client.post(path(amara), typed)
    assert refused.status_code == 422
    assert "amara at calder" in refused.content.decode()
    assert 'value="Lagos"' in refused.content.decode()


def test_a_contact_cannot_take_away_all_by_which_it_is_known(
    client: Client, user: User, amara: Contact
) -> None:
    typed = dict.fromkeys(("given_name", "family_name", "organisation", "email", "phone"), "")
    refused = client.post(path(amara), typed | {"version": amara.version})
    assert refused.status_code == 422
    assert "Give a name" in refused.content.decode()


def test_another_input_can_be_asked_for_and_saves_nothing(
    client: Client, user: User, amara: Contact
) -> None:
    typed = {"version": amara.version, "email": ["a@calder.example", "b@calder.example"]}
    page = client.post(path(amara), typed | {"more": "email"})
    assert page.status_code == 200
    assert 'value="b@calder.example"' in page.content.decode()
    assert Contact.objects.get().emails == ["amara@calder.example"]


def test_where_both_changed_the_same_the_contact_chooses(
    client: Client, user: User, amara: Contact
) -> None:
    opened = amara.version
    amara.job_title, amara.city = "Head of buying", "Abuja"
    amara.save()
    typed = {"version": opened, "job_title": "Director", "given_name": "Ama"}
    asked = client.post(path(amara), typed)
    page = strip_tags(asked.content.decode())
    assert asked.status_code == 409
    assert "Head of buying" in page
    assert "Director" in page
    assert "Pays late" not in page
    typed |= {"version": amara.version, "take_job_title": "yours"}
    assert client.post(path(amara), typed).status_code == 303
    amara.refresh_from_db()
    assert (amara.job_title, amara.given_name, amara.city) == ("Director", "Ama", "Abuja")


def test_saving_without_a_change_records_nothing(
    client: Client, user: User, amara: Contact
) -> None:
    typed = {"version": amara.version, "given_name": "Amara"}
    page = client.post(path(amara), typed, follow=True)
    assert "Nothing was changed." in page.content.decode()
    assert not ActivityEvent.objects.filter(verb="contact.updated").exists()


def test_a_name_that_the_team_took_away_does_not_come_back_nor_leave_nobody(
    client: Client, user: User, amara: Contact
) -> None:
    opened = amara.version
    amara.given_name = amara.family_name = ""
    amara.save()
    typed = {
        "version": opened, "given_name": "Amara", "family_name": "Okonkwo", "organisation": "",
        "email": "", "phone": "",
    }  # fmt: skip
    refused = client.post(path(amara), typed)
    assert refused.status_code == 422
    assert "Give a name" in refused.content.decode()
    amara.refresh_from_db()
    assert amara.organisation == "Calder & Wren"
