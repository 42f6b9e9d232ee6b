"""After a backup was restored: what a person confirms, and how the log goes on."""

from pathlib import Path

import pytest

from activity.ledger import anchors, epochs, keys, rotation, tree
from activity.ledger.note import open_checkpoint, parse_checkpoint
from activity.ledger.refusal import CannotSeal, Refused
from activity.ledger.sealing import seal_pending
from activity.models import ActivityEvent, Checkpoint, Epoch, Leaf, LedgerCheck
from contacts.models import Contact
from tests.activity.happenings import happen
from tests.activity.ledger.backups import go_back, tamper
from tests.builders import make_contact


@pytest.fixture
def amara(db: None) -> Contact:
    return make_contact()


@pytest.fixture
def lost(amara: Contact) -> str:
    """Restore a backup of a log of one event, once it had four; return the checkpoint of those."""
    seal_pending()
    happen(amara, times=3)
    seal_pending()
    note = anchors.latest()
    go_back(1)
    return note


def test_a_restored_log_goes_on_under_another_name_and_says_from_where(lost: str) -> None:
    epoch = epochs.begin_anew()
    assert epoch.number == 2
    assert epoch.origin.endswith("/ledger/2")
    assert epoch.opening == lost
    first = ActivityEvent.objects.get(pk=Leaf.objects.get(epoch=2, index=0).event_id)
    assert first.verb == "ledger.restored"
    assert first.payload == {
        "actor": None, "epoch": 2, "checkpoint": lost, "size": 4, "kept": 1,
    }  # fmt: skip
    assert open_checkpoint(anchors.latest(), keys.verifiers(2)).size == 1


def test_what_waited_in_the_backup_is_sealed_after_it(lost: str, amara: Contact) -> None:
    waiting = happen(amara, times=2)
    epochs.begin_anew()
    assert seal_pending() == 2
    assert list(Leaf.objects.filter(epoch=2, index__gt=0).values_list("event_id", flat=True)) == (
        waiting
    )


def test_what_the_backup_held_stays_provable(lost: str) -> None:
    epochs.begin_anew()
    head = Checkpoint.objects.get(epoch=1)
    assert tree.root(1, 1) == bytes(head.root)
    assert open_checkpoint(head.note, keys.verifiers(1)).size == 1


def test_that_it_goes_on_ends_the_refusal(lost: str, amara: Contact) -> None:
    with pytest.raises(Refused):
        seal_pending()
    epochs.begin_anew()
    seal_pending()
    assert LedgerCheck.objects.order_by("-id").first().ok


def test_a_log_in_order_has_no_new_epoch(amara: Contact) -> None:
    seal_pending()
    with pytest.raises(CannotSeal, match="Nothing says that a backup was restored"):
        epochs.begin_anew()
    assert Epoch.objects.count() == 1


def test_a_checkpoint_from_a_mail_is_enough(lost: str) -> None:
    anchors.keep(anchors.LATEST, Checkpoint.objects.get().note)  # restored together with it
    assert epochs.begin_anew(lost).opening == lost


def test_an_older_checkpoint_from_a_mail_is_not(amara: Contact) -> None:
    seal_pending()
    old = anchors.latest()
    happen(amara)
    seal_pending()
    with pytest.raises(CannotSeal, match="Nothing says"):
        epochs.begin_anew(old)


@pytest.mark.parametrize("change", [("\n4\n", "\n5\n"), ("ledger/1", "ledger/7")])
def test_a_checkpoint_that_was_not_signed_by_us_is_not_believed(
    lost: str, change: tuple[str, str]
) -> None:
    with pytest.raises(CannotSeal, match="no checkpoint that a key of this log has signed"):
        epochs.begin_anew(lost.replace(*change, 1))
    anchors.keep(anchors.LATEST, lost.replace(*change, 1))
    with pytest.raises(CannotSeal, match="no checkpoint that a key of this log has signed"):
        epochs.begin_anew()


def test_a_backup_from_before_the_log_began_goes_on_as_the_second(amara: Contact) -> None:
    seal_pending()
    note = anchors.latest()
    tamper(*(f"DELETE FROM activity_{table}" for table in ("leaf", "checkpoint", "key", "epoch")))
    assert epochs.begin_anew().opening == note
    assert list(Epoch.objects.values_list("number", flat=True)) == [2]


def test_a_backup_restored_twice_makes_a_third(lost: str, amara: Contact) -> None:
    epochs.begin_anew()
    happen(amara)
    seal_pending()
    second = anchors.latest()
    go_back(1)
    with pytest.raises(Refused):
        seal_pending()
    epoch = epochs.begin_anew()
    assert (epoch.number, epoch.opening) == (3, second)
    happen(amara)
    assert seal_pending() == 1


def test_a_backup_from_before_a_rotation_is_recognised(
    amara: Contact, settings: object, tmp_path: Path
) -> None:
    seal_pending()
    new = keys.new_seed()
    rotation.rotate(new)
    settings.ANNALS_LEDGER_KEY = keys.written(new)
    happen(amara)
    seal_pending()
    note = anchors.latest()
    go_back(1)
    with pytest.raises(Refused):
        seal_pending()
    assert epochs.begin_anew().opening == note


def test_a_lost_key_is_a_reason_to_begin_anew(amara: Contact, settings: object) -> None:
    seal_pending()
    note = anchors.latest()
    settings.ANNALS_LEDGER_KEY = keys.written(keys.new_seed())
    assert epochs.begin_anew().opening == note
    happen(amara)
    assert seal_pending() == 1


def test_an_older_checkpoint_outside_is_accepted_after_a_crash(lost: str, amara: Contact) -> None:
    epochs.begin_anew()
    # As if nothing had left since: what is outside is what the new log opens with, or before it.
    anchors.keep(anchors.LATEST, lost)
    happen(amara)
    assert seal_pending() == 1
    assert parse_checkpoint(anchors.latest()).size == 2
