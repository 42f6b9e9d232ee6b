"""Whatever byte of the log is changed behind the guards, the verification names it."""

import pytest

from activity.ledger.sealing import seal_pending
from activity.models import ActivityEvent, Anchor, Checkpoint, Leaf
from activity.recording import Draft, write
from contacts.models import Contact
from tests.activity.happenings import happen
from tests.activity.ledger.tampering import forge, verified
from tests.builders import make_contact

pytestmark = pytest.mark.django_db
FLIPPED = "set_byte({0}, 0, get_byte({0}, 0) # 1)"
WHOLE, LAST = 100, 290  # leaves below a stored node, and on the right of the last one


@pytest.fixture
def amara() -> Contact:
    """Return a contact with 300 events, sealed in three batches: the second ends at 256."""
    contact = make_contact()
    for size in (140, 256, 300):
        happen(contact, times=size - ActivityEvent.objects.count())
        seal_pending()
    assert list(Checkpoint.objects.values_list("size", flat=True).order_by("size")) == [
        140, 256, 300,
    ]  # fmt: skip
    return contact


def event_at(index: int) -> int:
    return Leaf.objects.get(index=index).event_id


def test_an_untouched_log_holds(amara: Contact) -> None:
    assert verified() == []


@pytest.mark.parametrize("index", [WHOLE, LAST])
@pytest.mark.parametrize(
    "change",
    [
        "uid = gen_random_uuid()",
        "verb = 'contact.archived'",
        "version = version + 1",
        "occurred_at = occurred_at + interval '1 microsecond'",
        "recorded_at = recorded_at - interval '1 microsecond'",
        "actor_type = 'user'",
        "actor_id = gen_random_uuid()",
        "object_type = 'comment'",
        "object_id = NULL",
        "contact_id = NULL",
        "contact_id = gen_random_uuid()",
        "origin_id = gen_random_uuid()",
    ],
)
def test_an_event_that_was_changed_is_named(amara: Contact, change: str, index: int) -> None:
    event = event_at(index)
    forge(f"UPDATE activity_event SET {change} WHERE id = %s", event)
    assert ("event", event) in verified()
    assert {finding for finding in verified() if finding[0] != "drift"} == {("event", event)}


@pytest.mark.parametrize("index", [WHOLE, LAST])
@pytest.mark.parametrize(
    "change",
    [
        "payload = jsonb_set(payload, '{actor}', '\"Eve\"')",
        "payload = jsonb_set(payload, '{actor}', '1.5')",
        "payload = jsonb_set(payload, '{actor}', '123456789012345678901234567890')",
        "payload = jsonb_set(payload, '{actor}', '9007199254740993')",
        "payload = payload || '{\"more\": 1}'",
        f"salt = {FLIPPED.format('salt')}",
        "salt = ''",
    ],
)
def test_a_payload_that_was_changed_is_named(amara: Contact, change: str, index: int) -> None:
    event = event_at(index)
    forge(f"UPDATE activity_event SET {change} WHERE id = %s", event)
    assert verified() == [("payload", event)]


def test_a_payload_changed_with_its_commitment_is_named(amara: Contact) -> None:
    event = event_at(WHOLE)
    change = f"commitment = {FLIPPED.format('commitment')}"
    forge(f"UPDATE activity_event SET {change} WHERE id = %s", event)
    assert set(verified()) == {("payload", event), ("event", event)}


@pytest.mark.parametrize("index", [WHOLE, LAST])
def test_a_leaf_that_was_changed_is_told_from_a_changed_event(amara: Contact, index: int) -> None:
    event = event_at(index)
    forge(f"UPDATE activity_leaf SET hash = {FLIPPED.format('hash')} WHERE index = %s", index)
    assert verified() == [("leaf", event)]


def test_a_leaf_that_names_another_event_is_found(amara: Contact) -> None:
    one, other = event_at(WHOLE), event_at(LAST)
    forge("UPDATE activity_leaf SET event_id = -1 WHERE index = %s", WHOLE)
    forge("UPDATE activity_leaf SET event_id = %s WHERE index = %s", one, LAST)
    forge("UPDATE activity_leaf SET event_id = %s WHERE index = %s", other, WHOLE)
    assert verified() == [("event", other), ("event", one)]


def test_a_node_that_was_changed_is_named_by_its_last_event(amara: Contact) -> None:
    forge(f"UPDATE activity_node SET hash = {FLIPPED.format('hash')} WHERE index = 0")
    assert verified() == [("node", event_at(255))]


@pytest.mark.parametrize("size", [140, 256, 300])
def test_a_checkpoints_root_that_was_changed_is_named(amara: Contact, size: int) -> None:
    change = FLIPPED.format("root")
    forge(f"UPDATE activity_checkpoint SET root = {change} WHERE size = %s", size)
    assert verified() == [("checkpoint", event_at(size - 1))]


@pytest.mark.parametrize("size", [140, 256, 300])
@pytest.mark.parametrize(
    "change",
    [
        "replace(note, '— ', '— not.')",
        "replace(note, '/ledger/', '/lodger/')",
        "replace(note, size::text || chr(10), (size + 1)::text || chr(10))",
        "left(note, -10)",
        "''",
    ],
)
def test_a_checkpoints_note_that_was_changed_is_named(
    amara: Contact, size: int, change: str
) -> None:
    forge(f"UPDATE activity_checkpoint SET note = {change} WHERE size = %s", size)
    assert verified() == [("checkpoint", event_at(size - 1))]


def test_a_key_that_was_changed_is_named_with_all_it_should_have_signed(amara: Contact) -> None:
    forge("UPDATE activity_key SET vkey = replace(vkey, '+', '+0')")
    kinds = [kind for kind, _event in verified()]
    assert kinds.count("key") == 2  # it is malformed, and there is no other
    assert kinds.count("checkpoint") == 3
    assert kinds.count("anchor") == 1


def test_a_row_of_the_list_of_anchors_that_was_changed_is_named(amara: Contact) -> None:
    root = bytes(Checkpoint.objects.get(size=256).root)
    Anchor.objects.create(epoch=1, size=256, root=root, place=Anchor.Place.MAIL)
    assert verified() == []
    forge(f"UPDATE activity_anchor SET root = {FLIPPED.format('root')}")
    assert verified() == [("anchor", event_at(255))]


def erase(event: int, contact: Contact) -> int:
    [erasure] = write([Draft("privacy.erased", "contact", contact.pk, contact.pk, {})])
    seal_pending()
    forge(
        "UPDATE activity_event SET payload = NULL, salt = NULL, erased_by = %s WHERE id = %s",
        erasure, event,
    )  # fmt: skip
    return erasure


def test_an_erased_event_holds_and_one_whose_erasure_is_another_is_named(amara: Contact) -> None:
    event, other = event_at(WHOLE), event_at(LAST)
    erase(event, amara)
    assert verified() == []
    forge("UPDATE activity_event SET erased_by = %s WHERE id = %s", other, event)
    assert verified() == [("erasure", event)]


@pytest.mark.parametrize("erased_by", [-1, 2**62])
def test_an_erasure_that_never_happened_is_named(amara: Contact, erased_by: int) -> None:
    event = event_at(WHOLE)
    forge(
        "UPDATE activity_event SET payload = NULL, salt = NULL, erased_by = %s WHERE id = %s",
        erased_by, event,
    )  # fmt: skip
    assert verified() == [("erasure", event)]


def test_the_erasure_of_somebody_else_does_not_count(amara: Contact) -> None:
    event, ben = event_at(WHOLE), make_contact(given_name="Ben")
    erase(event, ben)
    assert verified() == [("erasure", event)]


def test_an_erasure_that_is_not_sealed_in_time_does_not_count(amara: Contact) -> None:
    event = event_at(WHOLE)
    [erasure] = write([Draft("privacy.erased", "contact", amara.pk, amara.pk, {})])
    forge(
        "UPDATE activity_event SET payload = NULL, salt = NULL, erased_by = %s WHERE id = %s",
        erasure, event,
    )  # fmt: skip
    assert verified() == []
    late = "UPDATE activity_event SET recorded_at = now() - interval '6 minutes' WHERE id = %s"
    forge(late, erasure)
    assert verified() == [("unsealed", erasure), ("erasure", event)]
