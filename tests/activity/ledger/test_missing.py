"""Whatever is taken out of the log behind the guards, the verification says what is missing."""

from typing import Any

import pytest
from django.core.files.storage import storages

from activity.leaf import leaf_hash
from activity.ledger import anchors, keys, tree
from activity.ledger.merkle import Frontier, node_hash
from activity.ledger.note import Signer, checkpoint_body, sign
from activity.ledger.sealing import seal_pending
from activity.models import ActivityEvent, Checkpoint, Epoch, Leaf, Pending
from contacts.models import Contact
from tests.activity.happenings import happen
from tests.activity.ledger.backups import go_back
from tests.activity.ledger.tampering import forge, notices, run, unguarded, verified
from tests.builders import make_contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def amara() -> Contact:
    """Return a contact with 600 events, sealed in batches of 100."""
    contact = make_contact()
    for size in range(100, 601, 100):
        happen(contact, times=size - ActivityEvent.objects.count())
        seal_pending()
    return contact


def event_at(index: int) -> int:
    return Leaf.objects.get(index=index).event_id


def forget_anchors() -> None:
    """Lose what is known outside, as on a machine where it was never kept."""
    storages["anchors"].delete(anchors.LATEST)


def test_the_last_100_events_cut_off_without_a_trace_are_missed_by_an_older_anchor(
    amara: Contact,
) -> None:
    older = anchors.latest()
    forget_anchors()
    go_back(500)
    assert verified() == []
    assert [text for text in notices() if "nothing would show it" in text]
    assert verified(given=[("a mail", older)]) == [("anchor", None)]


def test_the_anchors_that_annals_keeps_are_used_by_themselves(amara: Contact) -> None:
    go_back(500)
    assert verified() == [("anchor", None)]


def test_a_daily_anchor_is_enough(amara: Contact) -> None:
    anchors.keep("daily/2026-05-06-1-600", anchors.latest())
    forget_anchors()
    go_back(500)
    assert verified() == [("anchor", None)]


def test_the_list_of_what_left_is_enough(amara: Contact) -> None:
    head = Checkpoint.objects.get(size=600)
    run(
        "INSERT INTO activity_anchor (epoch, size, root, place, sent_at)"
        " VALUES (1, 600, %s, 'mail', now())",
        bytes(head.root),
    )
    forget_anchors()
    go_back(500)
    assert verified() == [("anchor", None)]


def test_a_log_written_anew_and_signed_by_its_own_key_is_caught_by_an_older_anchor(
    amara: Contact,
) -> None:
    older = Checkpoint.objects.get(size=200).note
    forget_anchors()
    write_anew(altered=event_at(42))
    assert verified() == []
    assert verified(given=[("a mail", older)]) == [("anchor", event_at(199))]


def write_anew(altered: int) -> None:
    """Do all that who owns database and key can do to hide the change of an event."""
    forge("UPDATE activity_event SET verb = 'contact.archived' WHERE id = %s", altered)
    epoch, edge = Epoch.objects.get(), Frontier()
    signer = Signer(epoch.origin, keys.seed())
    leaves = dict(Leaf.objects.values_list("event_id", "index"))
    hashes = {leaves[e.pk]: leaf_hash(e) for e in ActivityEvent.objects.all()}
    with unguarded():
        run("DELETE FROM activity_node")
        for index in range(len(hashes)):
            run("UPDATE activity_leaf SET hash = %s WHERE index = %s", hashes[index], index)
            for level, place, node in edge.append(hashes[index]):
                run("INSERT INTO activity_node VALUES (1, %s, %s, %s)", level, place, node)
            note = sign(checkpoint_body(epoch.origin, index + 1, edge.root()), signer)
            run(
                "UPDATE activity_checkpoint SET root = %s, note = %s WHERE size = %s",
                edge.root(), note, index + 1,
            )  # fmt: skip


def test_an_event_that_is_gone_is_named(amara: Contact) -> None:
    event = event_at(42)
    forge("DELETE FROM activity_event WHERE id = %s", event)
    assert verified() == [("event", event)]


@pytest.mark.parametrize(
    "gap", [(0, 0), (42, 42), (100, 199), (250, 260), (255, 255), (256, 256), (200, 520)]
)
def test_leaves_that_are_gone_are_named_once(amara: Contact, gap: tuple[int, int]) -> None:
    first, last = gap
    before = event_at(first - 1) if first else None
    events = list(
        Leaf.objects.filter(index__range=gap).order_by("index").values_list("event_id", flat=True)
    )
    with unguarded():
        run("DELETE FROM activity_leaf WHERE index BETWEEN %s AND %s", first, last)
    found = verified()
    assert found[0] == ("tree", before)
    assert set(found[1:]) == {("unsealed", event) for event in events}


def test_after_a_gap_without_its_node_events_are_still_looked_at(amara: Contact) -> None:
    gone, event = event_at(42), event_at(400)
    with unguarded():
        run("DELETE FROM activity_leaf WHERE index = 42")
        run("DELETE FROM activity_node")
        run("UPDATE activity_event SET salt = '\\x00' WHERE id = %s", event)
    assert {("unsealed", gone), ("payload", event)} <= set(verified())


def test_leaves_missing_at_the_end_are_named_by_the_checkpoints_over_them(amara: Contact) -> None:
    with unguarded():
        run("DELETE FROM activity_leaf WHERE index >= 550")
    kinds = [kind for kind, _event in verified()]
    assert kinds.count("checkpoint") == 1
    assert kinds.count("unsealed") == 50


def test_a_node_that_is_gone_is_named(amara: Contact) -> None:
    with unguarded():
        run("DELETE FROM activity_node WHERE index = 1")
    assert verified() == [("node", event_at(511))]


def test_a_node_too_many_is_named(amara: Contact) -> None:
    run("INSERT INTO activity_node VALUES (1, 1, 2, '\\x00'), (1, 0, 0, '\\x00')")
    assert verified() == [("node", None), ("node", None)]


def test_a_newest_checkpoint_that_is_gone_is_missed(amara: Contact) -> None:
    forget_anchors()
    forge("DELETE FROM activity_checkpoint WHERE size = 600")
    assert verified() == [("checkpoint", event_at(599))]


def test_one_that_is_gone_from_between_others_is_not_needed(amara: Contact) -> None:
    forge("DELETE FROM activity_checkpoint WHERE size = 300")
    assert verified() == []


def test_neighbouring_checkpoints_that_do_not_hold_are_one_finding(amara: Contact) -> None:
    event = event_at(130)
    with unguarded():  # event, leaf and node alike, as who has no key can do it
        run("UPDATE activity_event SET verb = 'contact.archived' WHERE id = %s", event)
        leaf = leaf_hash(ActivityEvent.objects.get(pk=event))
        run("UPDATE activity_leaf SET hash = %s WHERE index = 130", leaf)
        halves = tree.hashes(1, [(0, 128), (128, 256)])
        run("UPDATE activity_node SET hash = %s WHERE index = 0", node_hash(*halves))
    assert verified() == [("anchor", event_at(599)), ("checkpoint", event_at(199))]


def old(event: int) -> None:
    forge(
        "UPDATE activity_event SET recorded_at = recorded_at - interval '6 minutes' WHERE id = %s",
        event,
    )


def test_an_event_may_wait_for_five_minutes(amara: Contact) -> None:
    [event] = happen(amara)
    assert verified() == []
    old(event)
    assert verified() == [("unsealed", event)]


def test_an_event_that_does_not_wait_will_never_be_sealed(amara: Contact) -> None:
    [event] = happen(amara)
    Pending.objects.all().delete()
    assert verified() == [("unsealed", event)]


def test_an_event_that_waits_and_is_gone_is_named(amara: Contact) -> None:
    [event] = happen(amara)
    forge("DELETE FROM activity_event WHERE id = %s", event)
    assert verified() == [("pending", event)]


def test_an_event_that_waits_again_is_named(amara: Contact) -> None:
    event = event_at(42)
    Pending.objects.create(event_id=event)
    assert verified() == [("pending", event)]


def test_a_guard_that_is_gone_is_named(amara: Contact) -> None:
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("DROP TRIGGER annals_guard ON activity_event")
    assert verified() == [("guard", None)]


def test_anchors_that_cannot_be_reached_are_a_finding(amara: Contact, settings: Any) -> None:
    settings.STORAGES = {
        **settings.STORAGES,
        "anchors": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": "/dev/null"},
        },
    }
    assert verified() == [("anchor", None)]
