"""Two people edit one contact: both keep their changes, or one is asked."""

import re
from typing import Any

import pytest
from django.test import Client

from activity.models import ActivityEvent
from contacts.models import Contact
from tests.builders import make_contact
from tests.contacts.editing.saving import edit, stored

pytestmark = pytest.mark.django_db


def hidden(response: Any) -> dict[str, list[str]]:
    """Return what the page's hidden inputs would send."""
    sent: dict[str, list[str]] = {}
    page = response.content.decode()
    page = page[page.index("<main") :]
    for tag in re.findall(r'<input type="hidden"[^>]*>', page):
        name = re.search(r'name="([^"]*)"', tag)[1]
        value = re.search(r'value="([^"]*)"', tag)
        sent.setdefault(name, []).append(value[1] if value else "")
    return sent


def test_two_people_changing_different_fields_both_keep_their_changes(client, mia, ben):
    contact = make_contact(given_name="A", city="Lagos", job_title="Buyer")
    assert edit(ben, contact, city="Abuja", job_title="Buyer").status_code == 303
    response = edit(client, contact, city="Lagos", job_title="Head")
    assert response.status_code == 303
    assert (stored(contact).city, stored(contact).job_title) == ("Abuja", "Head")
    page = client.get(response.headers["Location"]).content.decode()
    assert "What Ben changed in the meantime is kept: City." in page


def test_two_people_making_the_same_change_have_no_conflict(client, mia, ben):
    contact = make_contact(given_name="A", city="Lagos")
    edit(ben, contact, city="Abuja")
    assert edit(client, contact, city="Abuja").status_code == 303
    assert ActivityEvent.objects.filter(verb="contact.updated").count() == 1


def conflict(client: Client, ben: Client) -> tuple[Contact, Any]:
    """Have Ben change phone and city, then Mia the same phone and the job title."""
    contact = make_contact(given_name="A", city="Lagos", phones=["+12025550100"], tags=["VIP"])
    edit(ben, contact, phone="+1 202-555-0111", city="Abuja")
    typed = {"phone": "+1 202-555-0122", "city": "Lagos", "job_title": "Head", "tags": ""}
    return contact, edit(client, contact, **typed)


def test_a_field_that_both_changed_is_shown_with_both_values_and_nothing_is_saved(client, mia, ben):
    contact, response = conflict(client, ben)
    page = response.content.decode()
    assert response.status_code == 409
    assert "Ben changed this contact, too" in page
    assert "+1 202-555-0111" in page
    assert "+1 202-555-0122" in page
    assert "Changed in the meantime and kept: City." in page
    assert page.count("<fieldset") == 1
    assert stored(contact).job_title == ""
    assert stored(contact).phones == ["+12025550111"]


@pytest.mark.parametrize(
    ("take", "phones"), [("theirs", ["+12025550111"]), ("yours", ["+12025550122"])]
)
def test_the_choice_is_saved_together_with_all_other_changes(client, mia, ben, take, phones):
    contact, response = conflict(client, ben)
    sent = hidden(response) | {"take_phones": take}
    response = client.post(f"/contacts/{contact.pk}/edit", sent)
    assert response.status_code == 303
    now = stored(contact)
    assert now.phones == phones
    assert (now.city, now.job_title, now.tags) == ("Abuja", "Head", [])


def test_a_third_change_while_choosing_is_a_conflict_again(client, mia, ben):
    contact, response = conflict(client, ben)
    edit(ben, stored(contact), phone="+1 202-555-0133")
    again = client.post(f"/contacts/{contact.pk}/edit", hidden(response) | {"take_phones": "yours"})
    assert again.status_code == 409
    assert "+1 202-555-0133" in again.content.decode()
    theirs = client.post(f"/contacts/{contact.pk}/edit", hidden(again) | {"take_phones": "theirs"})
    assert theirs.status_code == 303
    assert stored(contact).phones == ["+12025550133"]


def test_taking_theirs_takes_what_they_have_by_now(client, mia, ben):
    contact, response = conflict(client, ben)
    edit(ben, stored(contact), phone="+1 202-555-0133")
    sent = hidden(response) | {"take_phones": "theirs"}
    assert client.post(f"/contacts/{contact.pk}/edit", sent).status_code == 303
    assert stored(contact).phones == ["+12025550133"]


def test_a_change_of_my_own_in_another_window_is_called_that(client, mia):
    contact = make_contact(given_name="A", city="Lagos")
    edit(client, contact, city="Abuja")
    response = edit(client, contact, city="Kano")
    assert response.status_code == 409
    assert "This contact was changed in another window" in response.content.decode()
    kept = edit(client, contact, city="Lagos", job_title="Head")
    page = client.get(kept.headers["Location"]).content.decode()
    assert "What was changed in the meantime is kept: City." in page


@pytest.mark.parametrize("version", ["", "7", "0", "-1"])
def test_a_form_of_an_unknown_version_overwrites_nothing_unseen(client, mia, version):
    contact = make_contact(given_name="A", city="Lagos")
    response = edit(client, contact, city="Abuja", version=version)
    assert response.status_code == 409
    assert stored(contact).city == "Lagos"


@pytest.mark.parametrize("version", ["x", "9" * 40, "1.5"])
def test_a_version_that_is_no_number_is_refused(client, mia, version):
    contact = make_contact(given_name="A", city="Lagos")
    response = edit(client, contact, city="Abuja", version=version)
    assert response.status_code in (409, 422)
    assert stored(contact).city == "Lagos"


def test_two_halves_that_leave_no_name_together_are_refused(client, mia, ben):
    contact = make_contact(given_name="A", organisation="Calder")
    edit(ben, contact, organisation="", given_name="A")
    response = edit(client, contact, given_name="", organisation="Calder")
    assert response.status_code == 422
    assert "Give a name" in response.content.decode()
    assert stored(contact).given_name == "A"


def test_a_value_on_a_conflict_page_is_text(client, mia, ben):
    contact = make_contact(given_name="A", notes="x")
    edit(ben, contact, notes="<script>alert(1)</script>")
    response = edit(client, contact, notes='"><script>alert(2)</script>')
    assert response.status_code == 409
    assert "<script>alert" not in response.content.decode()
