"""Two who save at the same moment."""

import pytest
from django.test import Client
from uuid_utils.compat import uuid7

from activity.models import ActivityEvent
from contacts.models import Contact
from tests.builders import make_contact, make_user
from tests.contacts.editing.saving import edit, stored
from tests.threads import at_once

pytestmark = pytest.mark.django_db


class TestRaces:
    """Two requests at once, each in a thread and a connection of its own."""

    pytestmark = pytest.mark.django_db(transaction=True)

    @staticmethod
    def browser(name: str) -> Client:
        browser = Client()
        browser.force_login(make_user(name=name))
        return browser

    def test_of_two_who_save_the_same_field_at_once_one_wins_and_one_is_asked(self):
        mia, ben = self.browser("Mia"), self.browser("Ben")
        contact = make_contact(given_name="A", city="Lagos")
        answers = at_once(
            lambda: edit(mia, contact, city="Abuja"), lambda: edit(ben, contact, city="Kano")
        )
        assert sorted(answer.status_code for answer in answers) == [303, 409]
        assert stored(contact).version == 2
        assert ActivityEvent.objects.filter(verb="contact.updated").count() == 1

    def test_two_who_save_different_fields_at_once_both_win(self):
        mia, ben = self.browser("Mia"), self.browser("Ben")
        contact = make_contact(given_name="A", city="Lagos", job_title="Buyer")
        answers = at_once(
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
        answers = at_once(
            lambda: mia.post("/contacts/new", sent), lambda: other.post("/contacts/new", sent)
        )
        assert [answer.status_code for answer in answers] == [303, 303]
        assert answers[0].headers["Location"] == answers[1].headers["Location"]
        assert Contact.objects.count() == 1
        assert ActivityEvent.objects.of(sent["id"]).count() == 1
