"""After a restore: whoever was erased is erased again, told by notes outside the database."""

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from activity.erasure_notes import erase_again, keep_missing
from activity.models import ActivityEvent
from activity.tasks import keep_erasure_notes
from config.celery import app
from contacts.models import Contact, DeletedContact, Message
from tests.builders import make_comment, make_contact

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    """Note erasures in a folder of the test's own."""
    anchors = settings.STORAGES["anchors"] | {"OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"anchors": anchors}
    return tmp_path / "erasures"


def replay(*options: str, fails_with: int = 0) -> tuple[str, str]:
    """Run the command; return what it said on standard output and standard error."""
    out, err = io.StringIO(), io.StringIO()
    if not fails_with:
        call_command("replay_erasures", *options, stdout=out, stderr=err)
    else:
        with pytest.raises(CommandError) as problem:
            call_command("replay_erasures", *options, stdout=out, stderr=err)
        assert problem.value.returncode == fails_with
        err.write(str(problem.value))
    return out.getvalue(), err.getvalue()


def erase(contact: Contact) -> None:
    with transaction.atomic():
        Contact.objects.locked(contact.pk).delete(reason="Asked")


def restored(contact: Contact) -> Contact:
    """Bring an erased contact back, as a backup from before does: the database knows nothing."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE activity_event DISABLE TRIGGER annals_guard")
        cursor.execute(
            "DELETE FROM activity_event WHERE contact_id = %s"
            " AND verb IN ('contact.deleted', 'privacy.erased')",
            [contact.pk],
        )
        cursor.execute("ALTER TABLE activity_event ENABLE ALWAYS TRIGGER annals_guard")
    DeletedContact.objects.filter(pk=contact.pk).delete()
    back = Contact(pk=contact.pk, given_name="Amara", family_name="Okonkwo")
    back.save(force_insert=True)
    return back


def test_an_erasure_is_noted_without_personal_data_once_it_is_committed(folder: Path) -> None:
    amara = make_contact(emails=["amara@calder.example"])
    with transaction.atomic():
        Contact.objects.locked(amara.pk).delete(reason="Her lawyer asked")
        assert not folder.exists()
    [file] = folder.iterdir()
    assert file.name == str(amara.pk)
    note = json.loads(file.read_text())
    assert note.keys() == {"contact", "erased_at"}
    assert note["contact"] == str(amara.pk)


def test_an_erasure_that_is_undone_is_not_noted(folder: Path) -> None:
    amara = make_contact()
    with transaction.atomic():
        Contact.objects.locked(amara.pk).delete()
        transaction.set_rollback(True)
    assert not folder.exists()
    assert replay()[0] == "0 noted, 0 back, 0 erased again\n"


def test_whoever_is_back_after_a_restore_is_erased_again() -> None:
    amara, ben = make_contact(), make_contact(given_name="Ben")
    erase(amara)
    back = restored(amara)
    mia = make_comment(back, body="Allergic to lilies").author
    plan = SimpleUploadedFile("plan.txt", b"plan")
    message = Message.send(
        back, author=mia, address="amara@calder.example", body="Hi", files=[plan]
    )
    file = message.attachments.get().file
    said, progress = replay()
    assert (said, progress) == ("1 noted, 1 back, 1 erased again\n", "1 of 1\n")
    assert list(Contact.objects.all()) == [ben]
    assert not file.storage.exists(file.name)
    events = ActivityEvent.objects.filter(contact_id=amara.pk)
    assert set(events.filter(payload__isnull=False).values_list("verb", flat=True)) == {
        "contact.deleted", "privacy.erased",
    }  # fmt: skip
    receipt = events.get(verb="contact.deleted")
    assert (receipt.actor_type, receipt.payload["reason"]) == (
        "system", "Erased again after a restore",
    )  # fmt: skip
    assert receipt.payload["counts"]["messages"] == 1


def test_it_can_be_run_as_often_as_one_likes() -> None:
    amara = make_contact()
    erase(amara)
    restored(amara)
    replay()
    events = ActivityEvent.objects.count()
    assert replay() == ("1 noted, 0 back, 0 erased again\n", "")
    assert ActivityEvent.objects.count() == events


def test_the_name_stays_no_longer_than_if_nobody_had_come_back(folder: Path, settings: Any) -> None:
    settings.DELETED_NAME_DAYS = 30
    for days, name in ((31, ""), (29, "Amara Okonkwo")):
        amara = make_contact()
        erase(amara)
        erased_at = timezone.now() - timedelta(days=days)
        note = {"contact": str(amara.pk), "erased_at": erased_at.isoformat()}
        (folder / str(amara.pk)).write_text(json.dumps(note))
        restored(amara)
        replay()
        left = DeletedContact.objects.get(pk=amara.pk)
        assert (left.name, left.deleted_at) == (name, erased_at)


def test_one_that_went_meanwhile_is_not_erased_twice() -> None:
    amara = make_contact()
    erase(amara)
    events = ActivityEvent.objects.count()
    assert not erase_again(amara.pk)
    assert ActivityEvent.objects.count() == events


def test_a_dry_run_only_tells() -> None:
    amara = make_contact()
    erase(amara)
    restored(amara)
    said, told = replay("--dry-run", fails_with=1)
    assert said == "1 noted, 1 back, 0 erased again\n"
    assert "Erased contacts that are in the database: 1." in told
    assert Contact.objects.exists()


def test_programs_are_answered_in_json() -> None:
    amara = make_contact()
    erase(amara)
    restored(amara)
    assert json.loads(replay("--json")[0]) == {"noted": 1, "back": 1, "erased": 1, "left": []}


def test_one_that_cannot_be_erased_keeps_none_of_the_others(folder: Path) -> None:
    amara, ben = make_contact(), make_contact(given_name="Ben")
    for contact in (amara, ben):
        erase(contact)
        restored(contact)
    (folder / str(amara.pk)).write_text("")
    said, told = replay("--json", fails_with=1)
    assert json.loads(said) == {"noted": 2, "back": 2, "erased": 1, "left": [str(amara.pk)]}
    assert str(amara.pk) in told
    assert Contact.objects.get().pk == amara.pk


def erase_together(*contacts: Contact) -> None:
    with transaction.atomic():
        Contact.erase(contacts, reason="Import reverted")


def test_those_who_went_together_are_noted_in_one_file_and_erased_again(folder: Path) -> None:
    people = [make_contact(), make_contact(given_name="Ben")]
    stays = make_contact(given_name="Stays")
    erase_together(*people)
    assert len(list(folder.iterdir())) == 1
    for contact in people:
        restored(contact)
    assert json.loads(replay("--json")[0]) == {"noted": 2, "back": 2, "erased": 2, "left": []}
    assert Contact.objects.get().pk == stays.pk
    assert keep_missing() == 0


def test_nobody_is_compared_where_the_note_of_many_is_damaged(folder: Path) -> None:
    erase_together(make_contact(), make_contact(given_name="Ben"))
    [note] = folder.iterdir()
    note.write_text("{}")
    assert "cannot be compared" in replay(fails_with=2)[1]


def test_it_says_where_the_notes_cannot_be_read(folder: Path) -> None:
    folder.write_text("a file in place of the folder")
    assert "cannot be compared" in replay(fails_with=2)[1]


def test_other_files_in_the_folder_are_left_alone(folder: Path) -> None:
    folder.mkdir()
    (folder / "readme.txt").write_text("Keep these.")
    assert replay()[0] == "0 noted, 0 back, 0 erased again\n"


def test_an_erasure_counts_though_it_cannot_be_noted_at_once(folder: Path) -> None:
    amara = make_contact()
    folder.write_text("a file in place of the folder")
    erase(amara)
    assert not Contact.objects.exists()
    folder.unlink()
    keep_erasure_notes.apply(throw=True)
    assert [file.name for file in folder.iterdir()] == [str(amara.pk)]
    assert keep_missing() == 0
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert keep_erasure_notes.name in scheduled


def test_many_are_compared_in_few_queries(django_assert_max_num_queries: Any) -> None:
    storage = storages["anchors"]
    for _number in range(12):
        erase(make_contact())
    assert len(storage.listdir("erasures")[1]) == 12
    with django_assert_max_num_queries(1):
        replay()
