"""Selecting contacts: ticked ones or all that match, and who is offered to."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import BulkRun, bulk
from tests.builders import make_contact, make_user
from tests.contacts.bulk.selecting import HTMX, drafted, people, select, text

pytestmark = pytest.mark.django_db


class TestSelecting:
    def test_the_ticked_contacts_and_no_others_are_selected(self, client, max_):
        ana, _bo, cy = people(3)
        run = drafted(client, "archive", ana, cy)
        assert set(run.contact_ids) == {ana.pk, cy.pk}
        assert (run.state, run.started_by) == ("draft", max_)

    def test_all_that_match_the_list_are_selected(self, client, max_):
        people(60)
        tagged = people(3, tags=["VIP"])
        tagged[0].archive()
        run = drafted(client, "owner", everyone="1", tag="VIP", q="person")
        assert set(run.contact_ids) == {contact.pk for contact in tagged[1:]}
        assert drafted(client, "owner", everyone="1").total == 62
        assert drafted(client, "restore", everyone="1", status="archived").total == 1

    def test_the_way_back_leads_to_the_same_list(self, client, max_):
        run = drafted(client, "archive", *people(1), tag="VIP & co", sort="name")
        assert run.list_address == "/contacts/?tag=VIP+%26+co&sort=name"
        assert "?tag=VIP+%26+co&amp;sort=name" in client.get(f"/bulk/{run.pk}/").content.decode()

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            ({"action": "archive"}, "Choose at least one contact."),
            ({"action": "explode", "contact": "x"}, "Choose what to do."),
            ({}, "Choose what to do."),
            ({"action": "archive", "contact": "x"}, "one could not be read"),
            ({"action": "archive", "everyone": "1", "q": "nobody"}, "Choose at least one contact."),
        ],
    )
    def test_what_makes_no_sense_is_refused_with_a_sentence(self, client, max_, data, sentence):
        make_contact()
        page = client.post("/contacts/bulk/", data)
        assert page.status_code == 422
        assert sentence in text(page)
        toast = client.post("/contacts/bulk/", data, headers=HTMX)
        assert toast.status_code == 422
        assert sentence in toast.headers["HX-Trigger"]
        assert not BulkRun.objects.exists()

    def test_more_than_the_limit_is_refused_with_a_sentence(self, client, max_, monkeypatch):
        monkeypatch.setattr(bulk, "MOST_CONTACTS", 2)
        people(3)
        page = select(client, "archive", everyone="1", q="person")
        assert page.status_code == 422
        assert "These are more than 2 contacts. Narrow the list, then select again." in text(page)
        assert 'href="/contacts/?q=person"' in page.content.decode()

    def test_with_htmx_the_question_comes_as_a_dialog(self, client, max_):
        contacts = people(2)
        data = {"action": "archive", "contact": [contact.pk for contact in contacts]}
        answer = client.post("/contacts/bulk/", data, headers=HTMX)
        assert answer.content.decode().startswith("<dialog")
        assert "Archive 2 contacts" in text(answer)


class TestTheList:
    def test_the_boxes_and_the_bar_are_there_for_who_may_use_them(self, client, max_):
        contact = make_contact()
        page = client.get("/contacts/").content.decode()
        assert f'name="contact" value="{contact.pk}"' in page
        actions = re.findall(r'name="action" value="(\w+)"', page)
        assert actions == ["owner", "tag", "message", "invite", "archive"]
        contact.archive()
        page = client.get("/contacts/?status=archived").content.decode()
        assert re.findall(r'name="action" value="(\w+)"', page) == ["restore"]

    @pytest.mark.parametrize("name", ["Mia", "Vic"])
    def test_members_and_viewers_see_no_boxes(self, client, name):
        make_contact()
        client.force_login(make_user(name=name))
        page = client.get("/contacts/").content.decode()
        assert "checkbox" not in page
        assert 'name="action"' not in page

    def test_all_matches_are_offered_where_they_are_more_than_the_page(self, client, max_):
        people(50)
        assert 'name="everyone"' not in client.get("/contacts/").content.decode()
        people(1)
        page = client.get("/contacts/?q=person&sort=name")
        assert "Select all 51" in text(page)
        assert '<input type="hidden" name="q" value="person">' in page.content.decode()

    def test_more_than_the_limit_are_not_offered(self, client, max_, monkeypatch):
        monkeypatch.setattr("contacts.views.listing.COUNT_LIMIT", 50)
        people(52)
        page = client.get("/contacts/")
        assert 'name="everyone"' not in page.content.decode()
        assert "Narrow the list to 50 to select all" in text(page)

    def test_the_boxes_cost_no_query(self, client, max_):
        people(60)
        counts = []
        for user in (make_user(name="Mia"), max_):
            client.force_login(user)
            with CaptureQueriesContext(connection) as queries:
                client.get("/contacts/")
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 9
