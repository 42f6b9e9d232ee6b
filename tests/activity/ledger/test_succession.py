"""Whoever knows the first key of a log finds the present one, and no other."""

import json
from pathlib import Path

import pytest

from activity.ledger import rotation, verify
from activity.ledger.keys import written
from activity.ledger.note import NoteError, Signer, Verifier, checkpoint_body, sign
from activity.ledger.sealing import seal_pending
from activity.ledger.succession import TITLE, introduce, introduced
from activity.models import ActivityEvent, LedgerKey
from activity.recording import Draft, write
from tests.activity.happenings import happen
from tests.activity.ledger.sealed import sealed_event, unpacked
from tests.builders import make_contact

LOG = "annals.example.com/ledger/1"
OLD, NEW, FORGER = (Signer(LOG, bytes([number]) * 32) for number in range(3))
OTHER = Signer("annals.example.com/ledger/2", bytes(32))


def test_a_key_names_its_successor() -> None:
    assert introduced(introduce(OLD, NEW.vkey), [Verifier(OLD.vkey)]).vkey == NEW.vkey


@pytest.mark.parametrize(
    "note",
    [
        introduce(FORGER, NEW.vkey),
        introduce(OTHER, NEW.vkey),
        introduce(OLD, OTHER.vkey),
        introduce(OLD, NEW.vkey).replace(NEW.vkey, FORGER.vkey),
        introduce(OLD, "no key"),
        sign(f"{TITLE}\n{NEW.vkey}\nmore\n", OLD),
        sign(f"something else\n{NEW.vkey}\n", OLD),
        sign(checkpoint_body(LOG, 1, bytes(32)), OLD),
        sign("one line\n", OLD),
    ],
)
def test_nothing_else_names_one(note: str) -> None:
    with pytest.raises(NoteError):
        introduced(note, [Verifier(OLD.vkey), Verifier(OTHER.vkey)])


@pytest.fixture
def rotated(settings: object, tmp_path: Path) -> tuple[Path, list[str]]:
    """Return a proof made after two rotations, and the keys, oldest first."""
    sealed_event()
    for number in (1, 2):
        seed = bytes([number]) * 32
        rotation.rotate(seed)
        settings.ANNALS_LEDGER_KEY = written(seed)
        happen(make_contact())
        seal_pending()
    folder = unpacked(tmp_path / "proof", ActivityEvent.objects.first())
    return folder, [key.vkey for key in LedgerKey.objects.order_by("from_size")]


@pytest.mark.django_db
def test_events_that_only_look_like_a_rotation_are_passed_over(
    rotated: tuple[Path, list[str]], tmp_path: Path
) -> None:
    folder, keys = rotated
    genuine = json.loads((folder / "rotations.json").read_text())
    for vkey in keys:
        for note in (None, 7, {"a": 1}, "", introduce(FORGER, NEW.vkey), *genuine):
            payload = {"vkey": vkey, "note": note}
            write([Draft("ledger.key_rotated", "ledger", None, None, payload)])
    seal_pending()
    folder = unpacked(tmp_path / "later", ActivityEvent.objects.first())
    assert json.loads((folder / "rotations.json").read_text()) == genuine
    assert verify.main([str(folder), "--key", keys[0]]) == 0


@pytest.mark.django_db
def test_each_key_the_log_ever_had_leads_to_the_present_one(
    rotated: tuple[Path, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, keys = rotated
    assert len(keys) == 3
    assert verify.main([str(folder)]) == 0
    for key in keys:
        assert verify.main([str(folder), "--key", key]) == 0
    assert "which you gave" in capsys.readouterr().out
    assert verify.main([str(folder), "--key", keys[0]]) == 0
    assert "introduced by one you gave" in capsys.readouterr().out


@pytest.mark.django_db
def test_a_successor_that_nobody_vouched_for_is_refused(rotated: tuple[Path, list[str]]) -> None:
    folder, keys = rotated
    path = folder / "rotations.json"
    notes = json.loads(path.read_text())
    log = keys[0].partition("+")[0]
    forger = Signer(log, bytes([9]) * 32)
    for forged in (
        [],
        notes[1:],
        [introduce(forger, keys[2])],
        [notes[0].replace("+", "-"), notes[1]],
        [notes[0], introduce(forger, keys[2])],
    ):
        path.write_text(json.dumps(forged))
        assert verify.main([str(folder), "--key", keys[0]]) == 1, forged


@pytest.mark.django_db
def test_a_key_of_another_log_introduces_none_of_this(rotated: tuple[Path, list[str]]) -> None:
    folder, keys = rotated
    (folder / "rotations.json").write_text(json.dumps([introduce(OTHER, keys[2])]))
    assert verify.main([str(folder), "--key", keys[0], "--key", OTHER.vkey]) == 1


@pytest.mark.django_db
def test_keys_that_came_along_are_those_that_were_introduced(
    rotated: tuple[Path, list[str]],
) -> None:
    folder, keys = rotated
    for listed in (keys[:2], keys[1:], keys[::-1], [*keys, FORGER.vkey], [keys[0], keys[0]], []):
        (folder / "keys.txt").write_text("".join(f"{key}\n" for key in listed))
        assert verify.main([str(folder)]) == 1, listed


@pytest.mark.django_db
def test_every_flipped_byte_of_a_succession_is_noticed(rotated: tuple[Path, list[str]]) -> None:
    folder, _keys = rotated
    path = folder / "rotations.json"
    whole = json.loads(path.read_text())[:1]
    for place in range(len(whole[0])):
        changed = whole[0][:place] + chr(ord(whole[0][place]) ^ 1) + whole[0][place + 1 :]
        path.write_text(json.dumps([changed]))
        assert verify.main([str(folder)]) == 1, place
