"""What was changed in a proof is noticed, whatever it is."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from activity.ledger import verify
from activity.ledger.note import Signer, checkpoint_body, sign
from activity.models import LedgerKey
from tests.activity.ledger.sealed import PROOF_FILES, sealed_event, unpacked

pytestmark = pytest.mark.django_db

STRANGER = Signer("annals.example.com/ledger/1", bytes(32))
Capture = pytest.CaptureFixture[str]


def vkey() -> str:
    return LedgerKey.objects.get().vkey


def flips(value: Any) -> list[Any]:
    """Return a JSON value once with each thing in it changed."""
    if isinstance(value, dict):
        changed = [{**value, key: flip} for key, inner in value.items() for flip in flips(inner)]
        return [*changed, *({k: v for k, v in value.items() if k != key} for key in value)]
    if isinstance(value, list):
        changed = [
            [*value[:place], flip, *value[place + 1 :]]
            for place, inner in enumerate(value)
            for flip in flips(inner)
        ]
        return [*changed, value[1:]] if value else [["more"]]
    if isinstance(value, str):
        return [value[:-1] + ("0" if value[-1:] != "0" else "1"), value[1:]] if value else ["more"]
    return [value + 1] if type(value) is int else [not value]


def test_a_key_from_elsewhere_is_the_only_one_that_counts(tmp_path: Path, capsys: Capture) -> None:
    folder = unpacked(tmp_path)
    assert verify.main([str(folder), "--key", vkey()]) == 0
    assert "which you gave" in capsys.readouterr().out
    assert verify.main([str(folder), "--key", STRANGER.vkey]) == 1
    assert verify.main([str(folder), "--key", STRANGER.vkey, "--key", vkey()]) == 0
    assert verify.main([str(folder), "--key", "no key"]) == 1


def test_without_a_key_it_says_that_the_key_came_along(tmp_path: Path, capsys: Capture) -> None:
    assert verify.main([str(unpacked(tmp_path))]) == 0
    assert "which you have to compare" in capsys.readouterr().out


def test_a_forger_who_signs_all_anew_is_told_by_the_key(tmp_path: Path) -> None:
    folder = unpacked(tmp_path, sealed_event())
    leaf = folder / "leaf.json"
    leaf.write_bytes(leaf.read_bytes().replace(b"contact.updated", b"contact.deleted"))
    forged = Signer(vkey().partition("+")[0], bytes(32))
    re_sign(folder, forged)
    assert verify.main([str(folder)]) == 0
    assert verify.main([str(folder), "--key", vkey()]) == 1


def re_sign(folder: Path, forger: Signer) -> None:
    """Make all that the verifier looks at fit a changed leaf, as somebody with another key can."""
    leaf = hashlib.sha256(b"\x00" + (folder / "leaf.json").read_bytes()).digest()
    told = json.loads((folder / "proof.json").read_text())
    hashes = [bytes.fromhex(each) for each in told["hashes"]]
    root = verify.climb(told["index"], told["size"] - 1, leaf, hashes)[1]
    note = sign(checkpoint_body(forger.name, told["size"], root), forger)
    told |= {"leaf": leaf.hex(), "root": root.hex(), "checkpoint": note}
    (folder / "proof.json").write_text(json.dumps(told))
    head = (folder / "proof.txt").read_text().partition("\n\n")[0]
    (folder / "proof.txt").write_text(f"{head}\n\n{note}")
    (folder / "checkpoint.txt").write_text(note)
    (folder / "keys.txt").write_text(f"{forger.vkey}\n")
    (folder / "consistency.json").write_text("[]")


@pytest.mark.parametrize("name", ["leaf.json", "payload.json", "proof.json", "consistency.json"])
def test_every_flipped_field_is_noticed(tmp_path: Path, name: str) -> None:
    folder = unpacked(tmp_path, sealed_event(before=3, after=4), 3, 5)
    whole = json.loads((folder / name).read_text())
    changes = flips(whole)
    assert len(changes) > 3
    for changed in changes:
        (folder / name).write_text(json.dumps(changed, sort_keys=True, separators=(",", ":")))
        shortened = name == "consistency.json" and changed == whole[1:]
        assert verify.main([str(folder)]) == (0 if shortened else 1), changed


@pytest.mark.parametrize(
    "name", ["leaf.json", "payload.json", "salt.txt", "proof.txt", "checkpoint.txt", "keys.txt"]
)
def test_every_flipped_byte_is_noticed(tmp_path: Path, name: str) -> None:
    folder = unpacked(tmp_path)
    whole = (folder / name).read_bytes()
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        (folder / name).write_bytes(changed)
        assert verify.main([str(folder)]) == 1, place


def test_a_place_beyond_the_end_is_refused(tmp_path: Path, capsys: Capture) -> None:
    folder = unpacked(tmp_path)
    text = (folder / "proof.txt").read_text()
    (folder / "proof.txt").write_text(text.replace("index 4\n", "index 9\n"))
    assert verify.main([str(folder)]) == 1
    assert "no entry 9 among 9" in capsys.readouterr().out


@pytest.mark.parametrize("name", PROOF_FILES)
def test_a_missing_file_is_no_proof(tmp_path: Path, name: str, capsys: Capture) -> None:
    folder = unpacked(tmp_path)
    (folder / name).unlink()
    assert verify.main([str(folder)]) == 2
    assert name in capsys.readouterr().out


@pytest.mark.parametrize("name", PROOF_FILES)
@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"[]", b"7", b"{}", b"null", b"[" * 100_000, b'{"a":1,"a":1}']
)
def test_a_file_of_something_else_is_no_proof(tmp_path: Path, name: str, content: bytes) -> None:
    folder = unpacked(tmp_path)
    (folder / name).write_bytes(content)
    harmless = name in {"consistency.json", "rotations.json"} and content in {b"[]", b"{}"}
    assert verify.main([str(folder)]) == (0 if harmless else 1)


def test_what_the_bundle_says_cannot_drive_the_terminal(tmp_path: Path, capsys: Capture) -> None:
    folder = unpacked(tmp_path)
    leaf = json.loads((folder / "leaf.json").read_text())
    leaf |= {"verb": "\x1b[2J\u202eall good", "\x1b[0m": 1}
    (folder / "leaf.json").write_text(json.dumps(leaf))
    (folder / "keys.txt").write_text("\x1b[2Jkey\n")
    assert verify.main([str(folder)]) == 1
    said = capsys.readouterr().out
    assert said.isascii()
    assert "\x1b" not in said


def test_the_verifier_says_what_it_lacks(tmp_path: Path) -> None:
    folder = unpacked(tmp_path)
    (folder / "cryptography.py").write_text("raise ImportError('not installed')")
    program = [sys.executable, folder / "verify.py"]
    answer = subprocess.run(program, capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert "python3 -m pip install cryptography" in answer.stdout
