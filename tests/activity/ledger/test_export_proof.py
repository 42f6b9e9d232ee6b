"""`manage.py export_proof` writes the proof that the page gives."""

import json
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from activity.ledger.bundle import bundle
from activity.ledger.sealing import seal_pending
from activity.models import ActivityEvent, Checkpoint
from tests.activity.happenings import happen
from tests.activity.ledger.backups import tamper
from tests.activity.ledger.sealed import sealed_event, unpack
from tests.builders import make_contact

pytestmark = pytest.mark.django_db

Capture = pytest.CaptureFixture[str]


def test_it_writes_a_file_beside_where_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    event = sealed_event()
    call_command("export_proof", str(event.uid))
    [written] = tmp_path.iterdir()
    assert written.name == f"annals-proof-{event.uid}.zip"
    assert written.read_bytes() == bundle(event)
    said = capsys.readouterr()
    assert written.name in said.err
    assert said.out == ""


def test_an_entry_can_be_named_by_its_number(tmp_path: Path) -> None:
    event = sealed_event()
    call_command("export_proof", str(event.pk), output=tmp_path / "proof.zip")
    assert (tmp_path / "proof.zip").read_bytes() == bundle(event)


def test_it_says_in_json_what_it_wrote(tmp_path: Path, capsys: Capture) -> None:
    event = sealed_event()
    call_command("export_proof", str(event.uid), "--json", output=tmp_path / "proof.zip")
    told = json.loads(capsys.readouterr().out)
    assert told["event"] == str(event.uid)
    assert told["file"] == str(tmp_path / "proof.zip")
    assert told["bytes"] == len((tmp_path / "proof.zip").read_bytes())


def test_it_writes_to_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    event = sealed_event()
    call_command("export_proof", str(event.uid), "--output", "-")
    sys.stdout.flush()
    assert capfdbinary.readouterr().out == bundle(event)


def test_it_proves_growth_since_a_checkpoint_or_a_size(tmp_path: Path) -> None:
    event = sealed_event()
    note = Checkpoint.objects.get().note
    size = Checkpoint.objects.get().size
    happen(make_contact(), times=4)
    seal_pending()
    (tmp_path / "known").write_text(note)
    for since in (str(tmp_path / "known"), str(size)):
        call_command("export_proof", str(event.uid), since=[since], output=tmp_path / "proof.zip")
        folder = unpack((tmp_path / "proof.zip").read_bytes(), tmp_path / "proof")
        [step] = json.loads((folder / "consistency.json").read_text())
        assert step["size"] == size


@pytest.mark.parametrize(
    "event", ["nothing", "0", "01a206aa-dd9e-740e-a5fb-cf1bca489a07", "9" * 40]
)
def test_an_entry_that_is_not_there_ends_with_2(event: str) -> None:
    with pytest.raises(CommandError, match="There is no event") as refusal:
        call_command("export_proof", event)
    assert refusal.value.returncode == 2


def test_an_entry_that_is_not_sealed_ends_with_2() -> None:
    happen(make_contact())
    with pytest.raises(CommandError, match="not sealed yet") as refusal:
        call_command("export_proof", str(ActivityEvent.objects.first().uid))
    assert refusal.value.returncode == 2


@pytest.mark.parametrize("since", ["0", "12345", "/nowhere", __file__])
def test_what_is_no_earlier_checkpoint_ends_with_2(since: str) -> None:
    event = sealed_event()
    with pytest.raises(CommandError) as refusal:
        call_command("export_proof", str(event.uid), since=[since])
    assert refusal.value.returncode == 2


def test_a_place_that_cannot_be_written_ends_with_2(tmp_path: Path) -> None:
    event = sealed_event()
    with pytest.raises(CommandError, match="cannot be written") as refusal:
        call_command("export_proof", str(event.uid), output=tmp_path / "none" / "proof.zip")
    assert refusal.value.returncode == 2


def test_an_entry_that_was_changed_ends_with_1(tmp_path: Path) -> None:
    event = sealed_event()
    tamper("UPDATE activity_event SET verb = 'contact.x' WHERE id = %(id)s", id=event.pk)
    with pytest.raises(CommandError, match="not as it was") as refusal:
        call_command("export_proof", str(event.uid), output=tmp_path / "proof.zip")
    assert refusal.value.returncode == 1
    assert not (tmp_path / "proof.zip").exists()
