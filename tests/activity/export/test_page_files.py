"""Exports that a worker writes, and how long their files are there."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.models import User
from activity.models import ActivityEvent, ActivityExport
from activity.tasks import expire_exports, run_export
from contacts.models import Contact
from tests.activity.export.asking import MANY, ask, content, events_in, large
from tests.activity.happenings import happen
from tests.builders import make_contact

pytestmark = pytest.mark.django_db


def test_it_is_written_by_a_worker_while_one_looks_on(
    client: Client, max_: User, amara: Contact
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


def test_it_can_be_stopped_and_leaves_nothing(client: Client, max_: User, amara: Contact) -> None:
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
    client: Client, max_: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activity.export.writing.COUNTING_MS", 1)
    for number in range(20):
        happen(make_contact(given_name=f"Ann {number}"), times=1_000, reason="word " * 20)
    ask(client, q="word")
    assert ActivityExport.objects.get().state == "queued"


def test_the_file_is_there_for_some_days(
    client: Client, max_: User, amara: Contact, settings: Any
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


def test_files_that_no_export_knows_are_taken_away(client: Client, max_: User) -> None:
    ask(client)
    kept = ActivityExport.objects.get()
    lost = kept.__class__(pk=uuid7()).parts
    lost.put(1, b"lost")
    expire_exports()
    assert not storages["exports"].exists(lost.folder)
    assert storages["exports"].exists(kept.file)


def test_a_file_with_a_contact_goes_when_the_contact_is_deleted(
    client: Client, max_: User, amara: Contact
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


def test_a_file_of_a_contact_goes_with_one_that_was_merged_into_it_then(
    client: Client, max_: User, amara: Contact
) -> None:
    ben = make_contact(given_name="Ben")
    amara.absorb(ben, {})
    ask(client, contact=amara.pk)
    Contact.objects.locked(amara.pk).part(Contact.objects.get(pk=ben.pk))
    Contact.objects.locked(ben.pk).delete(reason="Asked to be forgotten.")
    assert not ActivityExport.objects.get().file
