"""Watching a bulk action, stopping and undoing it, and who may."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import ACTIONS, BulkRun, Contact
from tests.builders import make_contact, make_user
from tests.contacts.bulk.selecting import HTMX, drafted, people, select, text

pytestmark = pytest.mark.django_db


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
            assert 'hx-trigger="every' not in page.content.decode()
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
