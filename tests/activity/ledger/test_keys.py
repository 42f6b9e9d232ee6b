"""Where the key that signs is, and how another takes its place."""

import json
import stat
from base64 import b64decode
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from activity.ledger import keys, rotation
from activity.ledger.note import Signer, Verifier, open_note
from activity.ledger.refusal import CannotSeal
from activity.ledger.sealing import seal_pending
from activity.models import ActivityEvent, Checkpoint, Leaf, LedgerKey, Pending
from contacts.models import Contact
from tests.activity.happenings import happen
from tests.builders import make_contact


@pytest.fixture
def amara(db: None) -> Contact:
    return make_contact()


@pytest.fixture
def key_file(settings: Any, tmp_path: Path) -> Path:
    """Have the log signed by a key in a file of the test's own."""
    settings.ANNALS_LEDGER_KEY = str(tmp_path / "ledger.key")
    keys.store(tmp_path / "ledger.key", keys.new_seed())
    return tmp_path / "ledger.key"


@pytest.fixture
def key_value(settings: Any) -> str:
    """Have the log signed by a key whose seed is the setting itself."""
    settings.ANNALS_LEDGER_KEY = keys.written(keys.new_seed())
    return settings.ANNALS_LEDGER_KEY


def rotate(**options: Any) -> tuple[str, str]:
    """Run the command and return what it prints to standard output, and to standard error."""
    out, err = StringIO(), StringIO()
    call_command("rotate_ledger_key", stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def signer_of(checkpoint: Checkpoint) -> str:
    """Return the public key that has signed a checkpoint."""
    known = [Verifier(key.vkey) for key in LedgerKey.objects.all()]
    [signer] = open_note(checkpoint.note, known)[1]
    return signer.vkey


def test_the_embedded_key_is_made_on_first_use_for_its_owner_alone(
    amara: Contact, settings: Any, tmp_path: Path
) -> None:
    settings.ANNALS_VAR, settings.ANNALS_LEDGER_KEY = tmp_path, str(tmp_path / "ledger.key")
    seal_pending()
    assert stat.S_IMODE((tmp_path / "ledger.key").stat().st_mode) == 0o600
    happen(amara)
    assert seal_pending() == 1


def test_a_key_that_is_lost_is_not_replaced_in_silence(
    amara: Contact, settings: Any, tmp_path: Path
) -> None:
    settings.ANNALS_VAR, settings.ANNALS_LEDGER_KEY = tmp_path, str(tmp_path / "ledger.key")
    seal_pending()
    (tmp_path / "ledger.key").unlink()
    with pytest.raises(CannotSeal, match="cannot be read from"):
        seal_pending()


def test_a_deployment_without_a_key_seals_nothing_and_says_so(
    amara: Contact, settings: Any
) -> None:
    settings.ANNALS_LEDGER_KEY = ""
    with pytest.raises(CannotSeal, match="set ANNALS_LEDGER_KEY"):
        seal_pending()
    assert Pending.objects.exists()


@pytest.mark.parametrize("content", ["", "short", "x" * 44, "é", "QUJD"])
def test_a_file_without_a_key_is_no_key(key_file: Path, content: str) -> None:
    key_file.write_text(content)
    with pytest.raises(CannotSeal, match=r"ledger\.key"):
        keys.seed()


def test_the_key_can_be_the_setting_itself(amara: Contact, key_value: str) -> None:
    seal_pending()
    assert keys.written(keys.seed()) == key_value


def test_the_old_key_vouches_for_the_new_one_which_signs_from_then_on(
    amara: Contact, key_file: Path
) -> None:
    seal_pending()
    old = LedgerKey.objects.get().vkey
    happen(amara, times=2)
    rotate()
    event = ActivityEvent.objects.get(verb="ledger.key_rotated")
    new = LedgerKey.objects.order_by("from_size").last()
    assert (event.payload["vkey"], event.payload["old"]) == (new.vkey, old)
    vouching = Checkpoint.objects.order_by("size").last()
    assert Leaf.objects.get(event_id=event.pk).index == vouching.size - 1
    assert (signer_of(vouching), new.from_size) == (old, vouching.size + 1)
    happen(amara)
    seal_pending()
    assert signer_of(Checkpoint.objects.order_by("size").last()) == new.vkey


def test_a_key_file_is_replaced_and_nothing_is_left_of_the_old_key(
    amara: Contact, key_file: Path
) -> None:
    old = key_file.read_text()
    _out, err = rotate()
    assert f"in force, in {key_file}" in err
    assert key_file.read_text() != old
    assert [file.name for file in key_file.parent.iterdir()] == ["ledger.key"]


def test_a_value_is_printed_before_it_is_in_force(
    amara: Contact, key_value: str, settings: Any
) -> None:
    out, err = rotate()
    assert "Until ANNALS_LEDGER_KEY is the value above" in err
    happen(amara)
    with pytest.raises(CannotSeal, match="was replaced from size"):
        seal_pending()
    settings.ANNALS_LEDGER_KEY = out.strip()
    assert seal_pending() == 1


def test_a_new_key_can_be_taken_from_a_file(
    amara: Contact, key_value: str, settings: Any, tmp_path: Path
) -> None:
    seed = keys.new_seed()
    keys.store(tmp_path / "next", seed)
    out, err = rotate(new_key=tmp_path / "next")
    assert out == ""
    assert f"names {tmp_path / 'next'}" in err
    settings.ANNALS_LEDGER_KEY = str(tmp_path / "next")
    happen(amara)
    assert seal_pending() == 1


def test_programs_are_told_the_new_public_key(amara: Contact, key_value: str) -> None:
    seed, key = map(json.loads, rotate(json=True)[0].splitlines())
    assert key["vkey"] == LedgerKey.objects.order_by("from_size").last().vkey
    assert Signer("name", b64decode(seed["seed"])).vkey.split("+")[2] == key["vkey"].split("+")[2]


def test_a_rotation_that_was_interrupted_is_finished_by_the_next(
    amara: Contact, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = keys.store

    def power_cut(file: Path, seed: bytes) -> None:
        if file == key_file:
            raise KeyboardInterrupt
        store(file, seed)

    monkeypatch.setattr(keys, "store", power_cut)
    with pytest.raises(KeyboardInterrupt):
        rotate()
    with pytest.raises(CannotSeal, match="finishes what was interrupted"):
        seal_pending()
    monkeypatch.undo()
    rotate()
    assert ActivityEvent.objects.filter(verb="ledger.key_rotated").count() == 1
    happen(amara)
    assert seal_pending() == 1


def test_a_key_does_not_come_back(amara: Contact, key_file: Path, tmp_path: Path) -> None:
    keys.store(tmp_path / "first", keys.seed())
    rotate()
    for file in (tmp_path / "first", key_file):
        with pytest.raises(CommandError, match="has signed the log before") as failure:
            rotate(new_key=file)
        assert failure.value.returncode == 2


def test_a_key_that_cannot_be_kept_is_not_put_in_force(amara: Contact, key_file: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written to"):
        rotate(new_key=key_file.parent / "nowhere" / "key")
    assert not ActivityEvent.objects.filter(verb="ledger.key_rotated").exists()


def test_nothing_is_rotated_where_the_sealer_refuses(
    amara: Contact, key_file: Path, settings: Any
) -> None:
    seal_pending()
    keys.store(key_file, keys.new_seed())
    with pytest.raises(SystemExit) as refused:
        rotate()
    assert refused.value.code == 1
    assert LedgerKey.objects.count() == 1


def test_a_log_whose_first_act_is_a_rotation_has_two_keys(db: None, key_file: Path) -> None:
    rotation.rotate(keys.new_seed())
    assert list(LedgerKey.objects.values_list("from_size", flat=True)) == [0, 2]


def test_a_rotation_seals_what_others_write_meanwhile(
    amara: Contact, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activity.ledger.sealing.BATCH", 2)
    monkeypatch.setattr(rotation, "BATCH", 2)
    monkeypatch.setattr(rotation, "seal_pending", lambda **_options: happen(amara, times=6))
    rotate()
    assert not Pending.objects.exists()
    last = Checkpoint.objects.order_by("size").last()
    assert LedgerKey.objects.order_by("from_size").last().from_size == last.size + 1
