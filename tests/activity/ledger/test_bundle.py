"""The proof of an event holds for somebody who has nothing of ours, and only as it was made."""

import json
from pathlib import Path

import pytest
from pytest_django import DjangoAssertNumQueries

from activity.ledger import epochs, verify
from activity.ledger.bundle import NoSuchSize, NotSealed, bundle
from activity.ledger.note import Signer
from activity.ledger.proof import ProofError
from activity.models import ActivityEvent, Checkpoint, LedgerKey
from contacts.models import Contact
from tests.activity.happenings import happen
from tests.activity.ledger.backups import go_back, tamper
from tests.activity.ledger.sealed import PROOF_FILES, run_alone, sealed_event, unpacked
from tests.builders import make_contact

pytestmark = pytest.mark.django_db

STRANGER = Signer("annals.example.com/ledger/1", bytes(32))
FILES = {"README.txt", "verify.py", *PROOF_FILES}
Capture = pytest.CaptureFixture[str]


def test_a_bundle_holds_with_python_and_cryptography_alone(tmp_path: Path) -> None:
    event = sealed_event(before=3, after=4, reason="Ada\u2019s \u00fcber \U0001f469 reason")
    folder = unpacked(tmp_path / "proof", event)
    assert {path.name for path in folder.iterdir()} == FILES
    answer = run_alone(folder)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert str(event.uid) in answer.stdout
    assert "WRONG" not in answer.stdout
    assert answer.stdout.endswith("All of this holds.\n")
    said = json.loads((folder / "payload.json").read_text())
    assert said["reason"] == "Ada\u2019s \u00fcber \U0001f469 reason"


def test_the_readme_names_the_event_its_log_and_the_key(tmp_path: Path) -> None:
    event = sealed_event()
    readme = (unpacked(tmp_path, event) / "README.txt").read_text()
    assert str(event.uid) in readme
    assert f"--key '{LedgerKey.objects.get().vkey}'" in readme
    assert "$" not in readme


def test_the_same_proof_is_the_same_file() -> None:
    event = sealed_event()
    assert bundle(event) == bundle(event)


def test_a_proof_costs_the_same_in_a_log_of_any_length(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for others in (0, 300):
        event = sealed_event(before=others, after=others)
        with django_assert_num_queries(5):
            bundle(event)


@pytest.mark.parametrize("others", [0, 1, 255, 256, 300])
def test_each_place_in_the_tree_can_be_proved(tmp_path: Path, others: int) -> None:
    event = sealed_event(before=others, after=1)
    assert verify.main([str(unpacked(tmp_path, event))]) == 0


def test_an_event_without_its_content_is_still_proved(tmp_path: Path, capsys: Capture) -> None:
    event = sealed_event()
    Contact.objects.get(pk=event.contact_id).delete(reason="Asked to be forgotten")
    event.refresh_from_db()
    folder = unpacked(tmp_path / "erased", event)
    assert {path.name for path in folder.iterdir()} == FILES - {"payload.json", "salt.txt"}
    assert verify.main([str(folder)]) == 0
    assert "erased since, or left out" in capsys.readouterr().out


def test_what_is_not_sealed_has_no_proof() -> None:
    happen(make_contact())
    with pytest.raises(NotSealed):
        bundle(ActivityEvent.objects.first())


def test_each_log_proves_its_own_after_a_backup_was_restored(tmp_path: Path) -> None:
    before = sealed_event()
    head = Checkpoint.objects.get()
    sealed_event()
    go_back(head.size)
    epochs.begin_anew()
    after = sealed_event()
    for number, event in enumerate([before, after], start=1):
        folder = unpacked(tmp_path / str(number), event)
        [key] = LedgerKey.objects.filter(epoch=number)
        assert f"/ledger/{number}\n" in (folder / "checkpoint.txt").read_text()
        assert verify.main([str(folder), "--key", key.vkey]) == 0


@pytest.mark.parametrize("size", [0, -1, 10_000])
def test_a_size_the_log_never_had_is_refused(size: int) -> None:
    event = sealed_event()
    with pytest.raises(NoSuchSize):
        bundle(event, [size])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE activity_event SET verb = 'contact.deleted'",
        "UPDATE activity_event SET actor_id = gen_random_uuid()",
        """UPDATE activity_event SET payload = payload || '{"reason": "another"}'""",
        "UPDATE activity_leaf SET hash = sha256(hash)",
        "UPDATE activity_checkpoint SET note = replace(note, '/ledger/', '/other/')",
        "UPDATE activity_key SET vkey = 'none'",
        "DELETE FROM activity_key",
        "INSERT INTO activity_key (epoch, vkey, from_size, added_at) VALUES (1, "
        f"'{STRANGER.vkey}', 2, now())",
        "DELETE FROM activity_checkpoint",
        "DELETE FROM activity_leaf WHERE index = 0",
        "INSERT INTO activity_anchor (epoch, size, root, place, sent_at) "
        "VALUES (1, 2, sha256('other'), 'mail', now())",
    ],
)
def test_nothing_is_handed_out_that_would_not_convince(statement: str) -> None:
    event = sealed_event(before=3, after=4)
    tamper(statement)
    event.refresh_from_db()
    with pytest.raises(ProofError):
        bundle(event)
