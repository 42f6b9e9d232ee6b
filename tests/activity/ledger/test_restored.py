"""Keys that were replaced and backups that were restored: what the verification makes of them."""

from pathlib import Path

import pytest

from activity.ledger import anchors, epochs, keys, rotation
from activity.ledger.note import Signer
from activity.ledger.sealing import seal_pending
from activity.models import ActivityEvent, Anchor, Checkpoint, Epoch, Leaf, LedgerKey
from contacts.models import Contact
from tests.activity.happenings import happen
from tests.activity.ledger.backups import go_back, tamper
from tests.activity.ledger.tampering import forge, notices, verified
from tests.builders import make_contact


@pytest.fixture
def amara(db: None) -> Contact:
    """Return a contact with 20 events, sealed in two batches of ten."""
    amara = make_contact()
    happen(amara, times=9)
    seal_pending()
    happen(amara, times=10)
    seal_pending()
    return amara


@pytest.fixture
def restored(amara: Contact) -> Contact:
    """Go back to the first ten events, and on from there under another name."""
    go_back(10)
    epochs.begin_anew()
    happen(amara, times=5)
    seal_pending()
    return amara


@pytest.fixture
def rotated(amara: Contact, settings: object) -> Contact:
    """Replace the key, and seal some more under the new one."""
    new = keys.new_seed()
    rotation.rotate(new)
    settings.ANNALS_LEDGER_KEY = keys.written(new)
    happen(amara, times=3)
    seal_pending()
    return amara


def the_event(verb: str) -> int:
    return ActivityEvent.objects.get(verb=verb).pk


def test_a_key_that_the_one_before_it_introduced_is_in_order(rotated: Contact) -> None:
    assert LedgerKey.objects.count() == 2
    assert verified() == []


def test_a_key_that_nobody_introduced_is_named(amara: Contact) -> None:
    forger = Signer(Epoch.objects.get().origin, keys.new_seed())
    LedgerKey.objects.create(epoch=1, vkey=forger.vkey, from_size=21)
    assert verified() == [("key", None)]


def test_a_key_must_be_introduced_by_the_one_before_it_and_not_by_an_event_alone(
    amara: Contact, settings: object
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rotation, "introduce", lambda old, vkey: "")
        rotation.rotate(keys.new_seed())
    assert verified() == [("key", the_event("ledger.key_rotated"))]


def test_a_key_that_was_introduced_and_is_gone_is_named(rotated: Contact) -> None:
    forge("DELETE FROM activity_key WHERE from_size > 0")
    assert ("key", the_event("ledger.key_rotated")) in verified()


def test_a_key_that_signed_before_it_was_introduced_is_named(rotated: Contact) -> None:
    forge("UPDATE activity_key SET from_size = 15 WHERE from_size > 0")
    assert ("key", the_event("ledger.key_rotated")) in verified()


def test_the_old_key_cannot_sign_for_the_new_one(rotated: Contact) -> None:
    forge("UPDATE activity_key SET from_size = 1000 WHERE from_size > 0")
    assert ("checkpoint", Leaf.objects.latest("index").event_id) in verified()


def test_what_a_restored_backup_lost_is_told_and_is_no_finding(restored: Contact) -> None:
    assert verified() == []
    assert any("the last 10 of 20 events of" in text for text in notices())


def test_a_checkpoint_of_what_was_lost_is_no_finding(amara: Contact) -> None:
    note = anchors.latest()
    head = Checkpoint.objects.get(size=20)
    go_back(10)
    epochs.begin_anew()
    Anchor.objects.create(epoch=1, size=20, root=head.root, place=Anchor.Place.MAIL)
    assert verified(given=[("a mail", note)]) == []
    assert any("a mail is of 20 leaves; a restored backup has 10" in text for text in notices(
        given=[("a mail", note)]
    ))  # fmt: skip


def test_more_missing_than_the_new_log_admits_is_a_finding(amara: Contact) -> None:
    note = anchors.latest()
    go_back(10)
    epochs.begin_anew(note)
    forge(
        "UPDATE activity_epoch SET opening = %s WHERE number = 2", Checkpoint.objects.first().note
    )
    found = verified(given=[("a mail", note)])
    assert ("anchor", None) in found
    assert ("epoch", Leaf.objects.get(epoch=2, index=0).event_id) in found


def test_an_opening_that_was_changed_is_named(restored: Contact) -> None:
    forge("UPDATE activity_epoch SET opening = '' WHERE number = 2")
    first = Leaf.objects.get(epoch=2, index=0).event_id
    assert ("epoch", first) in verified()


def test_an_opening_that_nobody_signed_is_named(restored: Contact) -> None:
    opening = Epoch.objects.get(number=2).opening.replace("\n20\n", "\n19\n")
    event = the_event("ledger.restored")
    forge("UPDATE activity_epoch SET opening = %s WHERE number = 2", opening)
    forge(
        "UPDATE activity_event SET payload = jsonb_set(payload, '{checkpoint}', to_jsonb(%s::text))"
        " WHERE id = %s",
        opening, event,
    )  # fmt: skip
    found = verified()
    assert ("epoch", event) in found
    assert ("payload", event) in found


def test_a_log_lost_as_a_whole_is_told(amara: Contact) -> None:
    daily = Checkpoint.objects.get(size=10).note
    tamper(*(f"DELETE FROM activity_{table}" for table in ("leaf", "checkpoint", "key", "epoch")))
    tamper("DELETE FROM activity_event")
    tamper("DELETE FROM contacts_historicalcontact", "DELETE FROM contacts_contact")
    epochs.begin_anew()
    assert verified(given=[("a mail", daily)]) == []
    told = notices(given=[("a mail", daily)])
    assert any("was lost when a backup was restored" in text for text in told)
    assert any("which a restored backup does not have" in text for text in told)


def test_a_log_that_is_gone_without_a_word_is_a_finding(amara: Contact) -> None:
    note = anchors.latest().replace("/ledger/1", "/ledger/9")
    assert verified(given=[("a mail", note)]) == [("anchor", None)]
    forge("DELETE FROM activity_key")
    forge("DELETE FROM activity_epoch")
    Anchor.objects.create(epoch=1, size=20, root=bytes(32), place=Anchor.Place.MAIL)
    assert verified().count(("anchor", None)) == 2


def test_a_backup_from_before_a_rotation_is_in_order_once_the_log_goes_on(
    rotated: Contact, tmp_path: Path
) -> None:
    note = anchors.latest()
    go_back(10)
    epochs.begin_anew()
    assert verified(given=[("a mail", note)]) == []


def test_a_restored_log_whose_events_were_changed_is_named(restored: Contact) -> None:
    event = Leaf.objects.get(epoch=2, index=3).event_id
    other = Leaf.objects.get(epoch=1, index=3).event_id
    forge("UPDATE activity_event SET verb = 'contact.archived' WHERE id = %s", event)
    forge("UPDATE activity_event SET verb = 'contact.archived' WHERE id = %s", other)
    assert verified() == [("event", other), ("event", event)]
