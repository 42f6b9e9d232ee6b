"""Exporting from the log's page: what one gets, who may, and how long it is there."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.core.files.storage import storages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.ledger.sealing import seal_pending
from activity.models import ActivityEvent, ActivityExport, Checkpoint
from activity.tasks import expire_exports, run_export
from contacts.models import Contact
from tests.activity.happenings import happen
from tests.builders import make_contact, make_user

pytestmark = pytest.mark.django_db
MANY = 5_001  # more than are written while somebody waits


@pytest.fixture
def max_(client: Client) -> User:
    max_ = make_user(name="Max")
    client.force_login(max_)
    return max_


@pytest.fixture
def amara() -> Contact:
    return make_contact()


def ask(client: Client, pk: UUID | None = None, **asked: Any) -> HttpResponse:
    fields = {"id": pk or uuid7(), "format": "ndjson", **asked}
    return client.post(reverse("activity_export"), fields)


def content(answer: HttpResponse) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def exported(client: Client, **asked: Any) -> bytes:
    """Ask for a small export as a browser does, and follow it to its file."""
    answer = ask(client, **asked)
    assert answer.status_code == 303
    return content(client.get(answer.url))


def events_in(file: bytes) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in file.splitlines()][:-1]


def verbs(file: bytes) -> set[str]:
    return {event["verb"] for event in events_in(file)}


def large(client: Client, amara: Contact, **asked: Any) -> ActivityExport:
    happen(amara, times=MANY)
    answer = ask(client, **asked)
    export = ActivityExport.objects.get()
    assert answer.url == export.get_absolute_url()
    return export


class TestAskingForOne:
    def test_a_few_entries_are_there_at_once(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        happen(amara, times=3)
        seal_pending()
        answer = client.get(ask(client).url)
        file = content(answer)
        assert answer["Content-Type"] == "application/x-ndjson"
        assert answer["Content-Disposition"].startswith('attachment; filename="activity-20')
        assert answer["Content-Length"] == str(len(file))
        assert "no-store" in answer["Cache-Control"]
        page = client.get(ActivityExport.objects.get().get_absolute_url())
        assert "NDJSON, all entries" in page.content.decode()
        assert len(events_in(file)) == 4
        last = orjson.loads(file.splitlines()[-1])
        assert last == {"checkpoint": Checkpoint.objects.get().note, "events": 4}

    def test_its_page_shows_the_fingerprint_and_the_checkpoint(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        seal_pending()
        file = exported(client, format="csv")
        export = ActivityExport.objects.get()
        page = client.get(export.get_absolute_url()).content.decode()
        assert hashlib.sha256(file).hexdigest() in page
        assert Checkpoint.objects.get().note.splitlines()[2] in page
        assert "1 entry" in page
        listed = client.get(reverse("activity_exports")).content.decode()
        assert export.sha256[:12] in listed

    def test_it_is_an_event(self, client: Client, max_: User, amara: Contact) -> None:
        file = exported(client, format="csv", kind="comment.deleted", actor=max_.pk)
        event = ActivityEvent.objects.get(verb="export.created")
        assert (event.actor_id, event.contact_id, event.channel) == (max_.pk, None, "web")
        assert event.payload == {
            "actor": "Max",
            "format": "csv",
            "events": 0,
            "filters": "kinds: Comment deleted; by Max",
            "sha256": hashlib.sha256(file).hexdigest(),
            "complete": False,
        }

    def test_the_event_does_not_repeat_what_was_searched_for(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        exported(client, q="Okonkwo", contact=amara.pk)
        event = ActivityEvent.objects.get(verb="export.created")
        assert event.payload["filters"] == f"contact {amara.pk}; with certain words"
        page = client.get(ActivityExport.objects.get().get_absolute_url()).content.decode()
        assert "NDJSON, contact Amara Okonkwo; with “Okonkwo”" in page

    def test_it_honours_the_filters(self, client: Client, max_: User, amara: Contact) -> None:
        happen(amara, "contact.archived")
        happen(make_contact(given_name="Ben"), "contact.archived")
        archived = events_in(exported(client, kind="contact.archived", contact=amara.pk))
        assert [(e["verb"], e["contact"]) for e in archived] == [
            ("contact.archived", str(amara.pk))
        ]
        assert verbs(exported(client, **{"from": "2026-05-06", "to": "2026-05-06"})) == {
            "contact.archived"
        }

    def test_days_begin_where_the_reader_lives(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        happen(amara, "contact.archived")  # at noon in UTC
        days = {"from": "2026-05-07"}
        assert events_in(exported(client, kind="contact.archived", **days)) == []
        max_.time_zone = "Pacific/Kiritimati"  # 14 hours ahead
        max_.save()
        assert len(events_in(exported(client, kind="contact.archived", **days))) == 1

    def test_a_double_click_makes_one(self, client: Client, max_: User, amara: Contact) -> None:
        pk = uuid7()
        first, second = ask(client, pk), ask(client, pk)
        assert first.url == second.url
        assert ActivityExport.objects.count() == 1
        assert ActivityEvent.objects.filter(verb="export.created").count() == 1

    def test_the_same_form_sent_later_or_for_something_else_makes_another(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        pk = uuid7()
        ask(client, pk)
        assert ask(client, pk, format="csv").status_code == 303
        assert ActivityExport.objects.count() == 2
        ActivityExport.objects.update(created_at=timezone.now() - timedelta(minutes=2))
        happen(amara)
        assert len(events_in(content(client.get(ask(client, pk).url)))) == 4

    def test_the_id_of_somebody_else_s_export_makes_one_s_own(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        pk = uuid7()
        ask(client, pk)
        client.force_login(make_user("manager", "Ben"))
        answer = ask(client, pk)
        assert str(pk) not in answer.url
        assert client.get(answer.url).status_code == 200

    @pytest.mark.parametrize(
        ("asked", "problem"),
        [
            ({"format": "xml"}, "Choose a format: CSV or NDJSON."),
            ({"format": ""}, "Choose a format: CSV or NDJSON."),
            ({"id": "1"}, "The page was out of date."),
        ],
    )
    def test_a_form_that_makes_no_sense_leads_back_to_the_same_entries(
        self, client: Client, max_: User, asked: dict[str, str], problem: str
    ) -> None:
        answer = ask(client, kind="contact.created", **asked)
        assert answer.status_code == 422
        assert problem in answer.content.decode()
        assert "/activity/?kind=contact.created" in answer.content.decode()
        assert not ActivityExport.objects.exists()

    def test_somebody_with_three_on_the_way_waits(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        for _number in range(3):
            waiting = ActivityExport.objects.create(made_by=max_, format="csv")
        answer = ask(client)
        assert answer.status_code == 429
        assert "3 of your exports are not finished yet." in answer.content.decode()
        waiting.cancel()
        assert ask(client).status_code == 303


class TestRights:
    @pytest.mark.parametrize("role", ["viewer", "member"])
    def test_who_may_not_export_is_refused_everywhere(self, client: Client, role: str) -> None:
        client.force_login(make_user(role))
        assert ask(client).status_code == 403
        assert client.get(reverse("activity_exports")).status_code == 403
        for name in ("run", "progress", "download"):
            address = reverse(f"activity_export_{name}", args=[uuid7()])
            assert client.get(address).status_code == 403

    def test_what_is_of_the_team_is_for_administrators(self, client: Client, max_: User) -> None:
        assert "user.created" not in verbs(exported(client))
        assert verbs(exported(client, kind="user.signed_in")) & {"user.signed_in"} == set()
        assert b'"client"' not in exported(client)
        client.force_login(make_user(name="Ada"))
        file = exported(client)
        assert {"user.created", "user.signed_in"} <= verbs(file)
        assert all("client" in event for event in events_in(file))

    def test_somebody_else_s_export_is_not_there(self, client: Client, max_: User) -> None:
        ask(client)
        export = ActivityExport.objects.get()
        client.force_login(make_user(name="Ada"))
        for name in ("run", "progress", "download"):
            address = reverse(f"activity_export_{name}", args=[export.pk])
            assert client.get(address).status_code == 404
        assert client.post(reverse("activity_export_cancel", args=[export.pk])).status_code == 404
        listed = client.get(reverse("activity_exports")).content.decode()
        assert str(export.pk) not in listed

    def test_who_lost_the_role_or_signed_out_gets_nothing(self, client: Client) -> None:
        ada = make_user(name="Ada")
        client.force_login(ada)
        ask(client)
        address = ActivityExport.objects.get().download_url
        ada.assign_role("manager")  # may export, but not what only administrators see
        assert client.get(address).status_code == 404
        ada.assign_role("viewer")
        assert client.get(address).status_code == 403
        client.logout()
        assert client.get(address).status_code == 302

    def test_who_loses_the_role_while_it_is_written_gets_no_file(
        self, client: Client, amara: Contact
    ) -> None:
        ada = make_user(name="Ada")
        client.force_login(ada)
        export = large(client, amara)
        ada.assign_role("manager")
        run_export(str(export.pk))
        export.refresh_from_db()
        assert (export.state, export.file) == ("failed", "")
        assert "may not have it any more" in export.error
        assert not ActivityEvent.objects.filter(verb="export.created").exists()


class TestALargeOne:
    def test_it_is_written_by_a_worker_while_one_looks_on(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        export = large(client, amara)
        page = client.get(export.get_absolute_url()).content.decode()
        assert "Waiting to start" in page
        assert "Stop export" in page
        assert client.get(export.download_url).status_code == 410
        run_export(str(export.pk))
        answer = client.get(reverse("activity_export_progress", args=[export.pk]))
        assert "Your export is ready" in answer.content.decode()
        assert "hx-trigger" not in answer.content.decode()
        file = content(client.get(export.download_url))
        assert len(events_in(file)) == MANY + 1
        event = ActivityEvent.objects.get(verb="export.created")
        assert event.payload["sha256"] == hashlib.sha256(file).hexdigest()
        assert ask(client, export.pk).url == export.download_url

    def test_it_can_be_stopped_and_leaves_nothing(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        export = large(client, amara)
        address = reverse("activity_export_cancel", args=[export.pk])
        answer = client.post(address, headers={"HX-Request": "true"})
        assert "Export stopped" in answer.content.decode()
        assert client.post(address).url == export.get_absolute_url()
        run_export(str(export.pk))
        export.refresh_from_db()
        assert (export.state, export.done, export.query) == ("cancelled", 0, "")
        assert "Nothing was exported." in client.get(export.get_absolute_url()).content.decode()

    def test_what_takes_long_to_find_is_a_worker_s_too(
        self, client: Client, max_: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("activity.export.writing.COUNTING_MS", 1)
        for number in range(20):
            happen(make_contact(given_name=f"Ann {number}"), times=1_000, reason="word " * 20)
        ask(client, q="word")
        assert ActivityExport.objects.get().state == "queued"


class TestExpiry:
    def test_the_file_is_there_for_some_days(
        self, client: Client, max_: User, amara: Contact, settings: Any
    ) -> None:
        settings.EXPORT_DAYS = 3
        ask(client, q="amara")
        export = ActivityExport.objects.get()
        assert export.expires_at - export.finished_at == timedelta(days=3)
        expire_exports()
        assert client.get(export.download_url).status_code == 200
        past = timezone.now() - timedelta(days=4)
        ActivityExport.objects.update(finished_at=past, expires_at=past + timedelta(days=3))
        answer = client.get(export.download_url)
        assert answer.status_code == 410
        assert "It was kept for 3 days." in answer.content.decode()
        assert storages["exports"].exists(export.file)
        expire_exports()
        assert not storages["exports"].exists(str(export.pk))
        export.refresh_from_db()
        assert (export.file, export.query) == ("", "")
        assert "File gone" in client.get(reverse("activity_exports")).content.decode()

    def test_files_that_no_export_knows_are_taken_away(self, client: Client, max_: User) -> None:
        ask(client)
        kept = ActivityExport.objects.get()
        lost = kept.__class__(pk=uuid7()).parts
        lost.put(1, b"lost")
        expire_exports()
        assert not storages["exports"].exists(lost.folder)
        assert storages["exports"].exists(kept.file)


class TestForgetting:
    def test_a_file_with_a_contact_goes_when_the_contact_is_deleted(
        self, client: Client, max_: User, amara: Contact
    ) -> None:
        ben = make_contact(given_name="Ben")
        ask(client, contact=amara.pk)
        ask(client, contact=ben.pk)
        ask(client, kind="contact.deleted")
        hers, his, neither = ActivityExport.objects.order_by("id")
        Contact.objects.locked(amara.pk).delete(reason="Asked to be forgotten.")
        for export in (hers, his, neither):
            export.refresh_from_db()
        assert [bool(each.file) for each in (hers, his, neither)] == [False, True, True]
        answer = client.get(hers.download_url)
        assert answer.status_code == 410
        assert "It named a contact that was deleted since." in answer.content.decode()
        assert client.get(his.download_url).status_code == 200
