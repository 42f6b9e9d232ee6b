"""Somebody kept a checkpoint, and holds it against a proof that was made later."""

import base64
from pathlib import Path

import pytest

from activity.ledger import verify
from activity.ledger.sealing import seal_pending
from activity.models import ActivityEvent, Anchor, Checkpoint
from tests.activity.happenings import happen
from tests.activity.ledger.sealed import unpacked
from tests.builders import make_contact

pytestmark = pytest.mark.django_db

Capture = pytest.CaptureFixture[str]


def checkpoint_file(folder: Path, note: str) -> Path:
    path = folder.with_suffix(".checkpoint")
    path.write_text(note, encoding="utf-8")
    return path


def grown(tmp_path: Path, *, since: bool) -> tuple[Path, str]:
    contact = make_contact()
    happen(contact, times=6)
    seal_pending()
    known = Checkpoint.objects.get()
    happen(contact, times=9)
    seal_pending()
    event = ActivityEvent.objects.order_by("-id").first()
    return unpacked(tmp_path, event, *[known.size] * since), known.note


def test_the_log_continues_it(tmp_path: Path, capsys: Capture) -> None:
    folder, note = grown(tmp_path, since=True)
    known = checkpoint_file(folder, note)
    assert verify.main([str(folder), "--checkpoint", str(known)]) == 0
    assert "of your checkpoint, unchanged" in capsys.readouterr().out


def test_it_may_come_without_its_signature_and_with_other_line_ends(tmp_path: Path) -> None:
    folder, note = grown(tmp_path, since=True)
    known = checkpoint_file(folder, "")
    known.write_bytes(note.partition("\n\n")[0].replace("\n", "\r\n").encode())
    assert verify.main([str(folder), "--checkpoint", str(known)]) == 0


def test_a_checkpoint_that_left_the_server_is_covered_unasked(tmp_path: Path) -> None:
    contact = make_contact()
    happen(contact, times=6)
    seal_pending()
    head = Checkpoint.objects.get()
    Anchor.objects.create(epoch=1, size=head.size, root=head.root, place=Anchor.Place.MAIL)
    happen(contact, times=9)
    seal_pending()
    folder = unpacked(tmp_path, ActivityEvent.objects.first())
    known = checkpoint_file(folder, head.note)
    assert verify.main([str(folder), "--checkpoint", str(known)]) == 0


def test_without_a_proof_since_then_it_says_so(tmp_path: Path, capsys: Capture) -> None:
    folder, note = grown(tmp_path, since=False)
    known = checkpoint_file(folder, note)
    assert verify.main([str(folder), "--checkpoint", str(known)]) == 2
    assert "Ask for a proof since 7 entries of" in capsys.readouterr().out


def test_a_past_that_was_rewritten_is_noticed(tmp_path: Path, capsys: Capture) -> None:
    folder, note = grown(tmp_path, since=True)
    size, root = note.split("\n")[1:3]
    other = base64.b64encode(bytes(32)).decode()
    known = checkpoint_file(folder, note.replace(root, other))
    assert verify.main([str(folder), "--checkpoint", str(known)]) == 1
    assert f"first {size} entries are not those" in capsys.readouterr().out


def test_the_same_size_needs_the_same_root(tmp_path: Path) -> None:
    folder, _note = grown(tmp_path, since=False)
    now = (folder / "checkpoint.txt").read_text()
    assert verify.main([str(folder), "--checkpoint", str(checkpoint_file(folder, now))]) == 0
    forked = now.replace(now.split("\n")[2], base64.b64encode(bytes(32)).decode())
    known = checkpoint_file(folder, forked)
    assert verify.main([str(folder), "--checkpoint", str(known)]) == 1


@pytest.mark.parametrize("note", [None, "", "example.com/other\n1\n" + "A" * 43 + "=\n"])
def test_a_file_that_cannot_be_compared_is_no_proof(tmp_path: Path, note: str | None) -> None:
    folder = unpacked(tmp_path)
    known = tmp_path / "known"
    if note is not None:
        known.write_text(note)
    assert verify.main([str(folder), "--checkpoint", str(known)]) == (1 if note == "" else 2)
