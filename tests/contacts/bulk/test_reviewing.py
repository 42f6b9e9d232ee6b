"""What is reviewed before many are written to."""

import pytest
from django.test import Client

from contacts.models import BulkRun, Contact, Delivery, Invitation, Message
from tests.builders import make_contact, make_user
from tests.contacts.bulk.selecting import HTMX, drafted, people, text

pytestmark = pytest.mark.django_db


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
