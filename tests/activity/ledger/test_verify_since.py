"""`manage.py verify_ledger` with checkpoints that somebody kept."""

from collections.abc import Callable
from pathlib import Path

import pytest

from activity.ledger import anchors
from activity.models import Anchor, Checkpoint, LedgerCheck
from contacts.models import Contact
from tests.activity.ledger.backups import go_back
from tests.activity.ledger.tampering import forge
from tests.activity.ledger.verifying import CHANGE, event_at, verify


def test_with_since_only_what_came_after_is_looked_at_event_by_event(
    amara: Contact, kept: Callable[[int], Path]
) -> None:
    forge(CHANGE, event_at(42))
    assert verify("--since", kept(300)).code == 0
    assert "100 of 100 events" in verify("--since", kept(300)).errors
    late = event_at(350)
    forge(CHANGE, late)
    outcome = verify("--since", kept(300))
    assert outcome.code == 1
    assert f"event {late}: " in outcome.output


def test_with_since_the_log_must_continue_that_checkpoint(
    amara: Contact, kept: Callable[[int], Path]
) -> None:
    since, later = kept(200), kept(400)
    since.write_text(since.read_text().replace("\n200\n", "\n201\n"))
    assert "anchor: expected " in verify("--since", since).output
    go_back(300)
    outcome = verify("--since", later)
    assert outcome.code == 1
    assert "400 leaves of log 1" in outcome.output


@pytest.mark.parametrize("sizes", [(100, 300), (200, 300), (100, 400), (300, 300)])
def test_with_since_older_anchors_are_held_against_it(
    amara: Contact, kept: Callable[[int], Path], sizes: tuple[int, int]
) -> None:
    old, since = sizes
    root = bytes(Checkpoint.objects.get(size=old).root)
    Anchor.objects.create(epoch=1, size=old, root=root, place=Anchor.Place.MAIL)
    assert verify("--since", kept(since)).code == 0
    Anchor.objects.create(epoch=1, size=old, root=bytes(32), place=Anchor.Place.MAIL)
    outcome = verify("--since", kept(since))
    assert outcome.code == 1
    assert outcome.output.startswith("anchor")


def test_with_since_missing_leaves_before_it_are_noticed(
    amara: Contact, kept: Callable[[int], Path]
) -> None:
    since, root = kept(300), bytes(Checkpoint.objects.get(size=200).root)
    Anchor.objects.create(epoch=1, size=200, root=root, place=Anchor.Place.MAIL)
    forge("DELETE FROM activity_node")
    forge("DELETE FROM activity_leaf WHERE index = 210")
    output = verify("--since", since).output
    assert "tree: expected the hashes over 256 leaves" in output
    assert "with 300 leaves, to continue row" in output


def test_anchors_can_be_given_more_than_once(amara: Contact, kept: Callable[[int], Path]) -> None:
    early, late = kept(100), kept(400)
    assert verify("--anchor", early, "--anchor", late).code == 0
    anchors.storages["anchors"].delete(anchors.LATEST)
    go_back(300)
    assert verify("--anchor", early).code == 0
    assert verify("--anchor", early, "--anchor", late).code == 1


@pytest.mark.parametrize("option", ["--since", "--anchor"])
def test_a_file_that_is_no_checkpoint_ends_with_2(
    amara: Contact, tmp_path: Path, option: str
) -> None:
    path = tmp_path / "note.txt"
    outcome = verify(option, path)
    assert outcome.code == 2
    assert "note.txt cannot be read: No such file or directory." in outcome.errors
    path.write_bytes(b"\xff")
    assert verify(option, path).code == 2
    path.write_text("Dear auditor,\n")
    outcome = verify(option, path)
    assert outcome.code == 2
    assert "holds no checkpoint" in outcome.errors


def test_a_look_at_the_newest_events_alone_is_noted_only_where_it_found_something(
    amara: Contact, kept: Callable[[int], Path]
) -> None:
    verify("--since", kept(300))
    assert not LedgerCheck.objects.exists()
    forge(CHANGE, event_at(350))
    verify("--since", kept(300))
    assert not LedgerCheck.objects.get().ok
