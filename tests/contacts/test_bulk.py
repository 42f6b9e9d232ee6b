"""Bulk actions as pages: selecting, asking, reviewing, watching, and who may."""

import html
import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from contacts.models import (
    ACTIONS,
    BulkRun,
    Contact,
    Delivery,
    Invitation,
    Message,
    Tag,
    bulk,
)
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def max_(client: Client) -> User:
    user = make_user(name="Max")
    client.force_login(user)
    return user


def people(count: int, **fields: Any) -> list[Contact]:
    return Contact.objects.bulk_create(
        Contact(given_name=f"P{n}", family_name="Person", emails=[f"p{n}@b.example"], **fields)
        for n in range(count)
    )


def select(client: Client, action: str, *contacts: Contact, **more: Any) -> Any:
    data = {"action": action, "contact": [contact.pk for contact in contacts], **more}
    return client.post("/contacts/bulk/", data)


def drafted(client: Client, action: str, *contacts: Contact, **more: Any) -> BulkRun:
    response = select(client, action, *contacts, **more)
    assert response.status_code == 303
    return BulkRun.objects.get(pk=response.url.split("/")[2])


def text(response: Any) -> str:
    """Return what somebody reads on a page."""
    main = response.content.decode().partition("<main")[2] or response.content.decode()
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", main).split()))


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


class TestAsking:
    def test_archiving_asks_once_and_starts(self, client, max_):
        run = drafted(client, "archive", *people(2))
        page = client.get(f"/bulk/{run.pk}/")
        assert "Archive 2 contacts" in text(page)
        answer = client.post(f"/bulk/{run.pk}/", {"reason": "Fair is over"})
        assert (answer.status_code, answer.url) == (303, f"/bulk/{run.pk}/")
        run.refresh_from_db()
        assert (run.state, run.parameters) == ("queued", {"reason": "Fair is over"})
        again = client.post(f"/bulk/{run.pk}/", {"reason": "other"})
        assert again.status_code == 200
        run.refresh_from_db()
        assert run.parameters == {"reason": "Fair is over"}

    def test_tags_are_read_as_everywhere_and_those_of_the_selection_can_go(self, client, max_):
        Tag.remember(["VIP"])
        contacts = people(1, tags=["Old", "Other"])
        people(1, tags=["Elsewhere"])
        run = drafted(client, "tag", *contacts)
        page = text(client.get(f"/bulk/{run.pk}/"))
        assert "Old" in page
        assert "Elsewhere" not in page
        nothing = client.post(f"/bulk/{run.pk}/", {"add": " , "})
        assert nothing.status_code == 422
        assert "Add a tag, or choose one to remove." in text(nothing)
        assert client.post(f"/bulk/{run.pk}/", {"remove": "Elsewhere"}).status_code == 422
        assert client.post(f"/bulk/{run.pk}/", {"add": "x" * 51}).status_code == 422
        client.post(f"/bulk/{run.pk}/", {"add": "vip, New", "remove": "Old"})
        run.refresh_from_db()
        assert run.parameters == {"add": ["VIP", "New"], "remove": ["Old"]}

    def test_an_owner_is_one_of_the_team_or_nobody(self, client, max_):
        mia, gone = make_user(name="Mia"), make_user(name="Gone", is_active=False)
        client_of_ours = make_user(name="Portal")
        client_of_ours.groups.clear()
        run = drafted(client, "owner", *people(1))
        for nobody in (gone.pk, client_of_ours.pk, "x"):
            assert client.post(f"/bulk/{run.pk}/", {"owner": nobody}).status_code == 422
        client.post(f"/bulk/{run.pk}/", {"owner": mia.pk})
        run.refresh_from_db()
        assert run.new_owner == mia

    def test_who_will_be_left_out_is_said_before(self, client, max_):
        archived, silent, addressless, good = people(4)
        archived.archive()
        silent.opt_out(source="team")
        addressless.emails = []
        addressless.save()
        run = drafted(client, "message", archived, silent, addressless, good)
        page = text(client.get(f"/bulk/{run.pk}/"))
        assert "1 of 4 will get this message." in page
        for reason in ("Archived", "Asked not to be contacted", "No email address"):
            assert f"1 · {reason}" in page

    def test_where_nobody_is_left_nothing_can_be_sent(self, client, max_):
        run = drafted(client, "invite", make_contact())
        page = client.get(f"/bulk/{run.pk}/")
        assert "0 of 1 will be invited." in text(page)
        assert re.search(
            r"<button class=\"btn primary\" disabled>\s*Continue", page.content.decode()
        )


class TestReviewing:
    def letter(self, client: Client, *contacts: Contact, **fields: str) -> BulkRun:
        run = drafted(client, "message", *contacts)
        answer = client.post(
            f"/bulk/{run.pk}/", {"subject": "For {name}", "body": "Hello {given_name}", **fields}
        )
        assert (answer.status_code, answer.url) == (303, f"/bulk/{run.pk}/review")
        run.refresh_from_db()
        return run

    def test_a_message_is_shown_as_the_first_three_get_it_before_it_starts(self, client, max_):
        run = self.letter(client, *people(5))
        page = text(client.get(f"/bulk/{run.pk}/review"))
        assert "5 of 5 will get this message." in page
        assert "What the first 3 get" in page
        for n in range(3):
            assert f"P{n} Person · p{n}@b.example For P{n} Person Hello P{n}" in page
        assert "p3@b.example" not in page
        assert "Send to 5 contacts" in page
        assert run.state == "draft"
        client.post(f"/bulk/{run.pk}/review", {"digest": run.digest})
        run.refresh_from_db()
        assert run.state == "queued"
        run.run()
        assert Message.objects.count() == Delivery.objects.count() == 5

    def test_an_empty_message_comes_back_with_its_subject(self, client, max_):
        run = drafted(client, "message", *people(1))
        answer = client.post(f"/bulk/{run.pk}/", {"subject": "Kept", "body": " \n "})
        assert answer.status_code == 422
        assert "Write something first." in text(answer)
        assert 'value="Kept"' in answer.content.decode()

    def test_what_was_typed_is_there_again_to_be_changed(self, client, max_):
        run = self.letter(client, *people(1))
        page = client.get(f"/bulk/{run.pk}/").content.decode()
        assert "Hello {given_name}</textarea>" in page

    def test_another_text_than_the_one_reviewed_is_not_sent(self, client, max_):
        run = self.letter(client, *people(1))
        seen = run.digest
        client.post(f"/bulk/{run.pk}/", {"subject": "", "body": "Something else"})
        answer = client.post(f"/bulk/{run.pk}/review", {"digest": seen})
        assert answer.status_code == 409
        assert "This was changed since you looked at it" in text(answer)
        assert "Something else" in text(answer)
        assert not BulkRun.objects.active().exists()

    def test_markup_in_names_and_texts_is_text(self, client, max_):
        evil = '"><script>alert(1)</script>'
        contact = make_contact(given_name=evil, emails=["e@b.example"])
        run = self.letter(client, contact, subject=evil, body=f"{evil} {{name}}")
        page = client.get(f"/bulk/{run.pk}/review").content.decode()
        assert "<script>alert" not in page
        run.start(by_worker=False)
        run.run()
        assert "<script>alert" not in Delivery.objects.get().html

    def test_a_review_of_what_was_never_written_asks_for_it(self, client, max_):
        run = drafted(client, "message", *people(1))
        assert client.get(f"/bulk/{run.pk}/review").url == f"/bulk/{run.pk}/"

    def test_invitations_are_reviewed_with_role_and_note(self, client, max_):
        run = drafted(client, "invite", *people(2))
        client.post(f"/bulk/{run.pk}/", {"role": "partner", "note": "Have a look."})
        page = text(client.get(f"/bulk/{run.pk}/review"))
        assert "2 of 2 will be invited." in page
        assert "Role Partner Note Have a look." in page
        assert "Invite 2 contacts" in page

    def test_invitations_above_the_limit_of_the_day_stay_a_draft(self, client, max_, settings):
        settings.INVITATIONS_IN_BULK_A_DAY = 1
        run = drafted(client, "invite", *people(2))
        client.post(f"/bulk/{run.pk}/", {"role": "client", "note": ""})
        run.refresh_from_db()
        answer = client.post(f"/bulk/{run.pk}/review", {"digest": run.digest})
        assert answer.status_code == 429
        assert "Choose fewer contacts, or go on tomorrow." in text(answer)
        run.refresh_from_db()
        assert run.state == "draft"

    def test_only_an_administrator_invites_to_the_team(self, client, max_):
        contacts = people(1)
        run = drafted(client, "invite", *contacts)
        assert "Team member" not in text(client.get(f"/bulk/{run.pk}/"))
        assert client.post(f"/bulk/{run.pk}/", {"role": "team", "note": ""}).status_code == 422
        client.force_login(make_user(name="Ada"))
        run = drafted(client, "invite", *contacts)
        client.post(f"/bulk/{run.pk}/", {"role": "team", "note": ""})
        run.refresh_from_db()
        client.post(f"/bulk/{run.pk}/review", {"digest": run.digest})
        BulkRun.objects.get(pk=run.pk).run()
        assert Invitation.objects.get().role == "team"

    def test_with_htmx_each_step_answers_with_the_next(self, client, max_):
        run = drafted(client, "message", *people(1))
        step = client.post(f"/bulk/{run.pk}/", {"body": "Hello"}, headers=HTMX)
        assert step.content.decode().startswith("<dialog")
        assert "Send to 1 contact" in text(step)
        run.refresh_from_db()
        done = client.post(f"/bulk/{run.pk}/review", {"digest": run.digest}, headers=HTMX)
        assert (done.status_code, done.headers["HX-Redirect"]) == (204, f"/bulk/{run.pk}/")


class TestWatching:
    def started(self, client: Client, count: int = 3, action: str = "archive") -> BulkRun:
        run = drafted(client, action, *people(count))
        client.post(f"/bulk/{run.pk}/", {"reason": ""})
        return BulkRun.objects.get(pk=run.pk)

    def test_the_page_asks_again_until_it_is_over(self, client, max_):
        run = self.started(client)
        page = client.get(f"/bulk/{run.pk}/").content.decode()
        assert f'hx-get="/bulk/{run.pk}/progress"' in page
        assert '<noscript><meta http-equiv="refresh"' in page
        assert "Waiting to start" in page
        run.run()
        for address in (f"/bulk/{run.pk}/", f"/bulk/{run.pk}/progress"):
            page = client.get(address)
            assert "hx-trigger" not in page.content.decode()
            assert "http-equiv" not in page.content.decode()
            assert "3 of 3 contacts Finished Archived 3 Skipped 0 Failed 0 Left 0" in text(page)

    def test_who_was_left_out_is_listed_with_the_reason(self, client, max_):
        run = self.started(client)
        first, second, _third = Contact.objects.order_by("pk")
        first.archive()
        second.delete()
        run.run()
        page = text(client.get(f"/bulk/{run.pk}/"))
        assert "Left out 2" in page
        assert "P0 Person There was nothing to change" in page
        assert "Deleted contact Deleted" in page

    def test_stopping_keeps_what_was_done(self, client, max_):
        run = self.started(client)
        answer = client.post(f"/bulk/{run.pk}/stop")
        assert (answer.status_code, answer.url) == (303, f"/bulk/{run.pk}/")
        assert "What was done stays." in text(client.get(f"/bulk/{run.pk}/"))
        again = client.post(f"/bulk/{run.pk}/stop", headers=HTMX)
        assert again.content.decode().startswith('<div id="bulk-progress">')
        assert not Contact.objects.archived().exists()

    def test_archiving_can_be_undone_from_its_page(self, client, max_):
        run = self.started(client)
        assert "Undo:" not in text(client.get(f"/bulk/{run.pk}/"))
        run.run()
        assert "Undo: restore 3 contacts" in text(client.get(f"/bulk/{run.pk}/"))
        answer = client.post(f"/bulk/{run.pk}/undo")
        back = BulkRun.objects.get(action="restore")
        assert answer.url == f"/bulk/{back.pk}/"
        back.run()
        assert Contact.objects.active().count() == 3
        assert client.post(f"/bulk/{back.pk}/undo").url == f"/bulk/{back.pk}/"

    def test_what_was_started_is_listed(self, client, max_):
        assert "Nothing done in bulk yet" in text(client.get("/bulk/"))
        drafted(client, "tag", make_contact())
        run = self.started(client)
        page = client.get("/bulk/")
        assert "Archive 3 contacts Waiting 0 0 Max Now" in text(page)
        assert f'href="/bulk/{run.pk}/"' in page.content.decode()
        assert "Change the tags" not in text(page)

    def test_the_page_costs_the_same_for_few_and_many(self, client, max_):
        costs = []
        for count in (2, 200):
            run = self.started(client, count)
            Contact.objects.update(archived_at="2026-01-01T00:00Z", verb="contact.archived")
            run.run()
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/bulk/{run.pk}/")
            costs.append(len(queries))
        assert costs[0] == costs[1] <= 10


class TestRights:
    @pytest.mark.parametrize(
        ("name", "status"), [("Vic", 403), ("Mia", 403), ("Max", 303), ("Ada", 303)]
    )
    @pytest.mark.parametrize("action", sorted(ACTIONS))
    def test_bulk_actions_are_for_managers_and_administrators(self, client, name, status, action):
        client.force_login(make_user(name=name))
        assert select(client, action, *people(1)).status_code == status

    @pytest.mark.parametrize("name", ["Vic", "Mia"])
    def test_others_see_and_touch_no_run(self, client, max_, name):
        run = drafted(client, "archive", *people(1))
        client.force_login(make_user(name=name))
        assert client.get("/bulk/").status_code == 403
        for step in ("", "review", "progress"):
            assert client.get(f"/bulk/{run.pk}/{step}").status_code == 403
        for step in ("", "review", "stop", "undo"):
            assert client.post(f"/bulk/{run.pk}/{step}").status_code == 403

    def test_nobody_starts_what_somebody_else_has_prepared(self, client, max_):
        run = drafted(client, "archive", *people(1))
        client.force_login(make_user(name="Ada"))
        assert client.get(f"/bulk/{run.pk}/").status_code == 403
        assert client.post(f"/bulk/{run.pk}/", {"reason": ""}).status_code == 403
        assert client.post(f"/bulk/{run.pk}/review").status_code == 403

    def test_the_right_to_act_in_bulk_gives_no_right_to_the_action(self, client):
        user = make_user("viewer", "Vera")
        permission = "act_in_bulk"
        user.user_permissions.add(*_permissions(permission))
        client.force_login(user)
        assert select(client, "archive", *people(1)).status_code == 403
        user.user_permissions.add(*_permissions("archive_contact"))
        run = drafted(client, "archive", *Contact.objects.all())
        user.user_permissions.remove(*_permissions("archive_contact"))
        assert client.post(f"/bulk/{run.pk}/", {"reason": ""}).status_code == 403
        assert client.post(f"/bulk/{run.pk}/undo").status_code == 403

    def test_a_run_that_never_was_is_not_found(self, client, max_):
        assert client.get("/bulk/0190a000-0000-7000-8000-000000000000/").status_code == 404

    @pytest.mark.parametrize("path", ["/contacts/bulk/", "/bulk/{}/stop", "/bulk/{}/undo"])
    def test_an_action_does_not_answer_to_a_link(self, client, max_, path):
        run = drafted(client, "archive", *people(1))
        assert client.get(path.format(run.pk)).status_code == 405


def _permissions(*codenames: str) -> Any:
    return Permission.objects.filter(codename__in=codenames)
