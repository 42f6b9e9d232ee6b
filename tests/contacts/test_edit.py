"""Editing a contact: what is kept when two people edit at once, and who may."""

import re
import threading
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from uuid_utils.compat import uuid7

from activity.models import ActivityEvent
from contacts.models import Contact
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def mia(client: Client) -> Any:
    user = make_user(name="Mia")
    client.force_login(user)
    return user


@pytest.fixture
def ben() -> Client:
    """Ben's browser."""
    browser = Client()
    browser.force_login(make_user(name="Ben"))
    return browser


def edit(browser: Client, contact: Contact, **sent: Any) -> Any:
    return browser.post(f"/contacts/{contact.pk}/edit", {"version": contact.version, **sent})


def stored(contact: Contact) -> Contact:
    return Contact.objects.get(pk=contact.pk)


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


def test_an_archived_contact_opens_its_page_instead_of_the_form(client, mia):
    contact = make_contact()
    contact.archive()
    response = client.get(f"/contacts/{contact.pk}/edit", follow=True)
    assert response.redirect_chain[-1][0] == f"/contacts/{contact.pk}/"
    assert "is archived. Restore it to edit it." in response.content.decode()


def test_what_was_typed_while_somebody_archived_is_kept_and_can_be_saved(client, mia, ben):
    contact = make_contact(given_name="A")
    ben.post(f"/contacts/{contact.pk}/archive")
    response = edit(client, contact, city="Lagos")
    page = response.content.decode()
    assert response.status_code == 409
    assert "A is archived" in page
    assert 'value="Lagos"' in page
    assert stored(contact).city == ""
    assert edit(client, contact, city="Lagos", restore="1").status_code == 303
    assert not stored(contact).is_archived
    assert stored(contact).city == "Lagos"
    verbs = list(ActivityEvent.objects.order_by("id").values_list("verb", flat=True))
    assert verbs[-2:] == ["contact.restored", "contact.updated"]


def test_what_was_typed_while_somebody_deleted_can_be_copied_or_added_anew(client, mia):
    contact = make_contact(given_name="A")
    stored(contact).delete()
    response = edit(client, contact, given_name="A", city="Lagos")
    page = response.content.decode()
    assert response.status_code == 410
    assert 'value="Lagos"' in page
    assert 'formaction="/contacts/new"' in page
    assert client.get(f"/contacts/{contact.pk}/edit").status_code == 410


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


class TestRaces:
    """Two requests at once, each in a thread and a connection of its own."""

    pytestmark = pytest.mark.django_db(transaction=True)

    @staticmethod
    def both(*requests: Any) -> list[Any]:
        start, answers = threading.Barrier(len(requests)), [None] * len(requests)

        def send(number: int) -> None:
            start.wait()
            try:
                answers[number] = requests[number]()
            finally:
                connections.close_all()

        threads = [threading.Thread(target=send, args=[n]) for n in range(len(requests))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    @staticmethod
    def browser(name: str) -> Client:
        browser = Client()
        browser.force_login(make_user(name=name))
        return browser

    def test_of_two_who_save_the_same_field_at_once_one_wins_and_one_is_asked(self):
        mia, ben = self.browser("Mia"), self.browser("Ben")
        contact = make_contact(given_name="A", city="Lagos")
        answers = self.both(
            lambda: edit(mia, contact, city="Abuja"), lambda: edit(ben, contact, city="Kano")
        )
        assert sorted(answer.status_code for answer in answers) == [303, 409]
        assert stored(contact).version == 2
        assert ActivityEvent.objects.filter(verb="contact.updated").count() == 1

    def test_two_who_save_different_fields_at_once_both_win(self):
        mia, ben = self.browser("Mia"), self.browser("Ben")
        contact = make_contact(given_name="A", city="Lagos", job_title="Buyer")
        answers = self.both(
            lambda: edit(mia, contact, city="Abuja", job_title="Buyer"),
            lambda: edit(ben, contact, city="Lagos", job_title="Head"),
        )
        assert [answer.status_code for answer in answers] == [303, 303]
        assert (stored(contact).city, stored(contact).job_title) == ("Abuja", "Head")

    def test_a_double_press_on_add_makes_one_contact(self):
        mia = self.browser("Mia")
        other = Client()
        other.cookies = mia.cookies
        sent = {"id": str(uuid7()), "given_name": "Amara", "email": "a@b.example", "tags": "VIP"}
        answers = self.both(
            lambda: mia.post("/contacts/new", sent), lambda: other.post("/contacts/new", sent)
        )
        assert [answer.status_code for answer in answers] == [303, 303]
        assert answers[0].headers["Location"] == answers[1].headers["Location"]
        assert Contact.objects.count() == 1
        assert ActivityEvent.objects.of(sent["id"]).count() == 1


def test_the_form_costs_a_constant_number_of_queries(client, mia, django_assert_max_num_queries):
    contact = make_contact()
    with django_assert_max_num_queries(10, connection=connection):
        client.get(f"/contacts/{contact.pk}/edit")
