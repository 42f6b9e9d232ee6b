"""The heartbeat of each day, and the checkpoint that leaves with it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.core import mail
from django.core.files.base import File
from django.core.files.storage import InMemoryStorage, storages
from django.db import connection
from django.utils import timezone

from activity import tasks
from activity.checks import check_anchors
from activity.ledger import anchors, daily, keys
from activity.ledger.note import open_checkpoint
from activity.ledger.refusal import CannotSeal
from activity.ledger.sealing import seal_pending
from activity.models import ActivityEvent, Anchor, Checkpoint, LedgerCheck, Pending
from contacts.models import Contact
from contacts.models.lease import held
from tests.activity.happenings import happen
from tests.builders import make_contact

MAILED = ["auditor@example.com", "board@example.com"]


@pytest.fixture
def amara(db: None) -> Contact:
    return make_contact()


def heartbeats() -> list[dict[str, Any]]:
    events = ActivityEvent.objects.filter(verb="ledger.sealed").order_by("id")
    return [event.payload for event in events]


def newest() -> Checkpoint:
    return Checkpoint.objects.order_by("-size").first()


def test_each_day_has_one_heartbeat_and_it_is_sealed(amara: Contact) -> None:
    daily.look_after()
    daily.look_after()
    [payload] = heartbeats()
    head = Checkpoint.objects.order_by("size").first()
    assert payload == {
        "actor": None, "epoch": 1, "size": 1, "root": head.note.split("\n")[2],
    }  # fmt: skip
    assert not Pending.objects.exists()
    tomorrow = timezone.now() + timedelta(days=1)
    with patch.object(timezone, "now", return_value=tomorrow):
        daily.look_after()
    assert [payload["size"] for payload in heartbeats()] == [1, 2]


def test_an_empty_log_has_no_heartbeat(db: None) -> None:
    daily.look_after()
    assert heartbeats() == []
    assert not Anchor.objects.exists()


def test_the_checkpoint_of_each_day_stays_in_the_folder(amara: Contact) -> None:
    daily.look_after()
    happen(amara)
    seal_pending()
    daily.look_after()
    [(name, note), (latest, newest_note)] = anchors.notes()
    today = timezone.now().date().isoformat()
    assert (name, latest) == (f"daily/{today}-1-2", "latest")
    assert open_checkpoint(note, keys.verifiers(1)).size == 2
    assert newest_note == newest().note
    [anchor] = Anchor.objects.all()
    assert (anchor.place, anchor.size) == (Anchor.Place.FOLDER, 2)


def test_the_checkpoint_is_mailed_once_a_day(amara: Contact, settings: Any) -> None:
    settings.LEDGER_ANCHOR_EMAILS = MAILED
    daily.look_after()
    daily.look_after()
    [sent] = mail.outbox
    note = newest().note
    assert sent.to == MAILED
    assert sent.subject == "Annals: checkpoint of the log at 2 events"
    assert note in sent.body
    assert sent.attachments == [("checkpoint.txt", note, "text/plain")]
    assert Anchor.objects.get(place=Anchor.Place.MAIL).root == newest().root


def test_the_mail_carries_the_signature_as_it_is(amara: Contact, settings: Any) -> None:
    settings.LEDGER_ANCHOR_EMAILS = MAILED
    daily.look_after()
    [text, file] = mail.outbox[0].message().get_payload()
    assert file.get_payload(decode=True).decode() == newest().note
    assert newest().note in text.get_payload(decode=True).decode()


def test_a_mail_that_did_not_leave_is_tried_again(amara: Contact, settings: Any) -> None:
    settings.LEDGER_ANCHOR_EMAILS = MAILED
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "contacts.smtp.EmailBackend", 1
    settings.EMAIL_HOST = "127.0.0.1"
    with pytest.raises(OSError, match="takes no mail"):
        daily.look_after()
    assert not Anchor.objects.filter(place=Anchor.Place.MAIL).exists()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    daily.look_after()
    assert len(mail.outbox) == 1
    assert len(heartbeats()) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_do_not_do_it_twice() -> None:
    make_contact()
    with held(daily.LEASE), ThreadPoolExecutor() as other:
        other.submit(look_after_elsewhere).result()
    assert heartbeats() == []


def look_after_elsewhere() -> None:
    daily.look_after()
    connection.close()


def test_the_task_seals_what_waits(amara: Contact) -> None:
    tasks.sweep_pending()
    assert not Pending.objects.exists()


def test_the_task_looks_after_the_day(amara: Contact) -> None:
    tasks.look_after_ledger()
    assert len(heartbeats()) == 1


def test_a_refusal_is_logged_once(
    amara: Contact, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    seal_pending()
    settings.ANNALS_LEDGER_KEY = keys.written(keys.new_seed())
    for _round in range(3):
        tasks.sweep_pending()
        tasks.look_after_ledger()
    [told] = caplog.messages
    assert told.startswith("The log is not sealed any more")
    assert LedgerCheck.objects.count() == 1


def test_a_missing_key_is_logged_once_an_hour(
    amara: Contact, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ANNALS_LEDGER_KEY = ""
    for _round in range(3):
        tasks.sweep_pending()
        tasks.look_after_ledger()
    [told] = caplog.messages
    assert "set ANNALS_LEDGER_KEY" in told


def test_a_mail_server_that_does_not_answer_is_logged_once_an_hour(
    amara: Contact, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.LEDGER_ANCHOR_EMAILS = MAILED
    settings.EMAIL_BACKEND, settings.EMAIL_PORT = "contacts.smtp.EmailBackend", 1
    settings.EMAIL_HOST = "127.0.0.1"
    for _round in range(3):
        tasks.look_after_ledger()
    [told] = caplog.messages
    assert "takes no mail" in told


def test_a_folder_of_anchors_keeps_a_file_whole(db: None) -> None:
    anchors.keep("latest", "one\n")
    anchors.keep("latest", "two\n")
    assert anchors.latest() == "two\n"
    assert storages["anchors"].listdir("")[1] == ["latest"]


def test_there_are_no_notes_before_the_first(db: None) -> None:
    assert list(anchors.notes()) == []
    assert anchors.latest() == ""


def test_an_object_store_does_as_well_as_a_folder(amara: Contact, settings: Any) -> None:
    settings.STORAGES = settings.STORAGES | {"anchors": {"BACKEND": f"{__name__}.ObjectStore"}}
    daily.look_after()
    happen(amara)
    seal_pending()
    assert [name.partition("/")[0] for name, _note in anchors.notes()] == ["daily", "latest"]
    assert anchors.latest() == newest().note


def test_a_store_that_replaces_nothing_is_refused(amara: Contact, settings: Any) -> None:
    backend = "django.core.files.storage.InMemoryStorage"
    settings.STORAGES = settings.STORAGES | {"anchors": {"BACKEND": backend}}
    seal_pending()
    happen(amara)
    with pytest.raises(CannotSeal, match="keeps the old “latest”"):
        seal_pending()
    assert storages["anchors"].listdir("")[1] == ["latest"]


class ObjectStore(InMemoryStorage):
    """Replaces what is saved under the same name, as object stores do."""

    def _save(self, name: str, content: File) -> str:
        self.delete(name)
        return super()._save(name, content)

    def is_name_available(self, name: str, max_length: int | None = None) -> bool:
        return True


def warnings() -> list[str]:
    return [message.id for message in check_anchors()]


def test_a_deployment_whose_checkpoints_stay_at_home_is_warned(settings: Any) -> None:
    assert warnings() == ["activity.W003"]
    settings.LEDGER_ANCHOR_EMAILS = MAILED
    assert warnings() == []


def test_a_folder_elsewhere_is_no_home(settings: Any, tmp_path: Path) -> None:
    there = settings.STORAGES["anchors"] | {"OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = settings.STORAGES | {"anchors": there}
    assert warnings() == []
