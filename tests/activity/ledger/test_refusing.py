"""Where the sealer does not sign: something is not as it was written, signed, or known outside."""

from pathlib import Path

import pytest
from django.core.files.storage import storages

from activity.ledger import anchors, daily, keys
from activity.ledger.refusal import CannotSeal, Refused
from activity.ledger.sealing import seal_pending
from activity.models import (
    Checkpoint,
    Leaf,
    LedgerCheck,
    Pending,
)
from contacts.models import Contact
from tests.activity.happenings import happen
from tests.activity.ledger.backups import go_back, tamper
from tests.builders import make_contact


@pytest.fixture
def amara(db: None) -> Contact:
    return make_contact()


def refusal() -> dict[str, object]:
    """Return why sealing is refused, as it was noted."""
    with pytest.raises(Refused):
        seal_pending()
    check = LedgerCheck.objects.order_by("-id").first()
    assert (check.kind, check.ok) == (LedgerCheck.Kind.SEAL, False)
    return check.findings[0]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ('UPDATE activity_event SET payload = \'{"actor": "Eve"}\' WHERE id = %(id)s', "payload"),
        ("UPDATE activity_event SET payload = '{\"a\": 1.5}' WHERE id = %(id)s", "payload"),
        ("UPDATE activity_event SET payload = '[9007199254740993]' WHERE id = %(id)s", "payload"),
        ("UPDATE activity_event SET salt = 'pepper' WHERE id = %(id)s", "payload"),
        ("UPDATE activity_event SET commitment = 'x' WHERE id = %(id)s", "payload"),
        ("DELETE FROM activity_event WHERE id = %(id)s", "pending"),
    ],
)
def test_an_event_changed_before_it_was_sealed_is_refused_and_named(
    amara: Contact, change: str, kind: str
) -> None:
    event = happen(amara, times=3)[1]
    tamper(change, id=event)
    finding = refusal()
    assert (finding["kind"], finding["event"]) == (kind, event)
    assert Pending.objects.filter(event_id=event).exists()
    assert not Leaf.objects.exists()


def test_all_events_that_fail_their_check_are_named(amara: Contact) -> None:
    events = happen(amara, times=5)
    tamper("DELETE FROM activity_event WHERE id = ANY(%(ids)s)", ids=events[1:3])
    refusal()
    check = LedgerCheck.objects.get()
    assert [finding["event"] for finding in check.findings] == events[1:3]
    assert check.total_findings == 2


def test_a_time_that_cannot_be_read_is_refused(amara: Contact) -> None:
    [event] = happen(amara)
    tamper("UPDATE activity_event SET occurred_at = 'infinity' WHERE id = %(id)s", id=event)
    assert refusal()["kind"] == "event"


def test_an_event_is_not_sealed_twice(amara: Contact) -> None:
    [event] = happen(amara)
    seal_pending()
    Pending.objects.create(event_id=event)
    assert refusal()["kind"] == "tree"


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("DELETE FROM activity_leaf WHERE index = 400", "tree"),
        ("DELETE FROM activity_leaf WHERE index = 300", "tree"),
        ("DELETE FROM activity_node", "tree"),
        ("UPDATE activity_leaf SET hash = sha256('x') WHERE index = 300", "tree"),
        ("UPDATE activity_node SET hash = sha256('x')", "tree"),
        ("UPDATE activity_checkpoint SET root = sha256('x')", "tree"),
        ("UPDATE activity_checkpoint SET size = size - 1", "tree"),
        ("DELETE FROM activity_checkpoint", "tree"),
        ("UPDATE activity_checkpoint SET note = replace(note, '401', '400')", "checkpoint"),
        ("UPDATE activity_checkpoint SET note = ''", "checkpoint"),
        ("UPDATE activity_epoch SET origin = 'elsewhere/ledger/1'", "checkpoint"),
        ("UPDATE activity_key SET vkey = replace(vkey, 'ledger', 'ledgers')", "checkpoint"),
        ("DELETE FROM activity_key", "checkpoint"),
    ],
)
def test_a_tree_that_is_not_what_was_signed_is_not_continued(
    amara: Contact, change: str, kind: str
) -> None:
    happen(amara, times=400)
    seal_pending()
    tamper(change)
    happen(amara)
    assert refusal()["kind"] == kind
    assert Pending.objects.count() == 1


def test_a_tree_that_is_stored_otherwise_than_it_was_computed_is_not_signed(amara: Contact) -> None:
    tamper(
        "CREATE FUNCTION forge() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NEW.hash := sha256('x'); RETURN NEW; END $$",
        "CREATE TRIGGER forge BEFORE INSERT ON activity_leaf FOR EACH ROW EXECUTE FUNCTION forge()",
    )
    assert refusal()["kind"] == "tree"
    assert not Checkpoint.objects.exists()


def test_a_database_put_back_to_an_earlier_state_is_not_continued(amara: Contact) -> None:
    seal_pending()
    happen(amara, times=3)
    seal_pending()
    go_back(1)
    happen(amara)
    finding = refusal()
    assert finding["kind"] == "anchor"
    assert finding["expected"].startswith("4 leaves, known outside; there are 1.")


def test_it_is_noticed_even_where_nothing_waits(amara: Contact) -> None:
    seal_pending()
    happen(amara)
    seal_pending()
    go_back(1)
    assert refusal()["kind"] == "anchor"


def test_it_is_noticed_even_where_only_the_checkpoint_of_a_day_is_left(amara: Contact) -> None:
    seal_pending()
    happen(amara)
    daily.look_after()
    storages["anchors"].delete(anchors.LATEST)
    go_back(1)
    assert refusal()["kind"] == "anchor"


def test_a_wiped_database_does_not_begin_the_same_log_again(amara: Contact) -> None:
    seal_pending()
    tamper(
        *(f"DELETE FROM activity_{table}" for table in ("leaf", "checkpoint", "key", "epoch")),
    )
    happen(amara)
    assert refusal()["kind"] == "anchor"


def test_a_log_rewritten_from_some_point_on_is_not_continued(amara: Contact) -> None:
    seal_pending()
    happen(amara, times=3)
    seal_pending()
    old = anchors.latest()
    go_back(1)
    anchors.keep(anchors.LATEST, Checkpoint.objects.get().note)
    happen(amara, times=9)
    seal_pending()
    anchors.keep(anchors.LATEST, old)
    assert refusal()["kind"] == "anchor"


def test_a_leaf_that_is_gone_from_under_an_older_checkpoint_is_noticed(amara: Contact) -> None:
    happen(amara, times=300)
    seal_pending()
    old = anchors.latest()
    happen(amara, times=400)
    seal_pending()
    anchors.keep(anchors.LATEST, old)
    tamper("DELETE FROM activity_leaf WHERE index = 260")
    assert refusal()["kind"] == "anchor"


def test_something_else_in_place_of_the_checkpoint_outside_is_refused(amara: Contact) -> None:
    seal_pending()
    anchors.keep(anchors.LATEST, "all is well")
    assert refusal()["kind"] == "anchor"


def test_a_key_that_the_log_does_not_know_does_not_sign(amara: Contact, settings: object) -> None:
    seal_pending()
    settings.ANNALS_LEDGER_KEY = keys.written(keys.new_seed())
    happen(amara)
    assert refusal()["kind"] == "key"


def test_a_refusal_stands_until_its_reason_is_gone(amara: Contact, settings: object) -> None:
    seal_pending()
    right = settings.ANNALS_LEDGER_KEY
    settings.ANNALS_LEDGER_KEY = keys.written(keys.new_seed())
    happen(amara)
    refusal()
    before = LedgerCheck.objects.get().ended_at
    refusal()
    assert LedgerCheck.objects.get().ended_at > before
    settings.ANNALS_LEDGER_KEY = right
    assert seal_pending() == 1
    assert list(LedgerCheck.objects.order_by("id").values_list("ok", flat=True)) == [False, True]
    seal_pending()
    assert LedgerCheck.objects.count() == 2


def test_nothing_is_sealed_where_what_is_known_outside_cannot_be_read(amara: Contact) -> None:
    Path(storages["anchors"].path(anchors.LATEST)).mkdir(parents=True)
    with pytest.raises(CannotSeal, match="place for anchors"):
        seal_pending()
    assert not Checkpoint.objects.exists()
    assert not LedgerCheck.objects.exists()
