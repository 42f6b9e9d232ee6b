"""What the sealer makes of what was written."""

import threading

import pytest
from django.core.files.storage import storages
from django.db import connection, transaction

from activity.leaf import leaf_hash
from activity.ledger import anchors, keys, sealing, tree
from activity.ledger.merkle import root_of, verify_consistency
from activity.ledger.note import open_checkpoint
from activity.ledger.sealing import seal_pending
from activity.ledger.waiting import waiting
from activity.models import (
    ActivityEvent,
    Checkpoint,
    Epoch,
    Leaf,
    Pending,
    Tally,
)
from contacts.models import Contact
from tests.activity.happenings import NOON, happen
from tests.builders import make_contact
from tests.plans.reading import statements


@pytest.fixture
def amara(db: None) -> Contact:
    return make_contact()


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 100)


def test_all_that_was_written_is_in_the_tree_and_signed(amara: Contact) -> None:
    happen(amara, times=700)
    sealed = seal_pending()
    events = list(ActivityEvent.objects.order_by("id"))
    assert sealed == len(events) > 700
    assert not Pending.objects.exists()
    head = Checkpoint.objects.get()
    hashes = [leaf_hash(event) for event in events]
    assert [bytes(leaf.hash) for leaf in Leaf.objects.order_by("index")] == hashes
    said = open_checkpoint(head.note, keys.verifiers(1))
    assert said == (Epoch.objects.get().origin, len(events), root_of(hashes))


def test_the_log_goes_by_the_name_of_the_site(amara: Contact, settings: object) -> None:
    settings.SITE_URL = "https://annals.example.com"
    seal_pending()
    assert Checkpoint.objects.get().note.startswith("annals.example.com/ledger/1\n")


def test_what_is_sealed_already_is_not_read_again(amara: Contact) -> None:
    happen(amara, times=50)
    seal_pending()
    new = happen(amara, times=3)
    with connection.cursor() as cursor:
        # In a large log the database might choose to join tables in their order.
        cursor.execute("SET LOCAL enable_nestloop = off; SET LOCAL enable_seqscan = off")
    [statement] = statements(lambda: waiting(limit=10))
    nodes, rows = [statement.plan()], 0
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if node.get("Relation Name") == "activity_event":
            rows += node["Actual Rows"] * node["Actual Loops"]
    assert rows == len(new)


def test_a_backlog_is_sealed_batch_by_batch(amara: Contact, small_batches: None) -> None:
    happen(amara, times=420)
    steps = []
    seal_pending(progress=lambda *step: steps.append(step))
    assert [sealed for sealed, _size in steps] == [100, 200, 300, 400, 421]
    assert Checkpoint.objects.count() == 5


def test_each_checkpoint_continues_all_before_it(amara: Contact, small_batches: None) -> None:
    happen(amara, times=420)
    seal_pending()
    heads = list(Checkpoint.objects.order_by("size"))
    for old in heads:
        for new in heads[heads.index(old) :]:
            proof = tree.consistency_proof(1, old.size, new.size)
            assert verify_consistency(old.size, new.size, old.root, new.root, proof)


def test_a_sealer_stops_when_its_time_is_over(amara: Contact, small_batches: None) -> None:
    happen(amara, times=420)
    assert seal_pending(seconds=0) == 100
    assert seal_pending(seconds=60) == 321


def test_nothing_is_signed_where_nothing_was_written(db: None) -> None:
    assert seal_pending() == 0
    assert not Checkpoint.objects.exists()


def test_the_newest_checkpoint_is_known_outside(amara: Contact) -> None:
    seal_pending()
    happen(amara)
    seal_pending()
    assert anchors.latest() == Checkpoint.objects.order_by("-size").first().note


def test_a_checkpoint_that_could_not_leave_leaves_with_the_next_round(amara: Contact) -> None:
    seal_pending()
    storages["anchors"].delete(anchors.LATEST)
    seal_pending()
    assert anchors.latest() == Checkpoint.objects.get().note


def test_an_erased_event_is_sealed_by_its_commitment(amara: Contact) -> None:
    amara.delete()
    seal_pending()
    erased = ActivityEvent.objects.filter(payload__isnull=True).first()
    assert bytes(Leaf.objects.get(event_id=erased.pk).hash) == leaf_hash(erased)


def test_what_is_counted_while_sealing_are_half_hours_of_each_kind(amara: Contact) -> None:
    first, *_rest, last = happen(amara, times=3)
    happen(amara, "contact.archived")
    seal_pending()
    [tally] = Tally.objects.filter(verb="contact.updated")
    assert (tally.slot, tally.count, tally.first_id, tally.last_id) == (NOON, 3, first, last)
    [later] = happen(amara, at=NOON.replace(minute=29, second=59))
    [next_slot] = happen(amara, at=NOON.replace(minute=30))
    seal_pending()
    assert list(
        Tally.objects.filter(verb="contact.updated")
        .order_by("slot")
        .values_list("count", "first_id", "last_id")
    ) == [(4, first, later), (1, next_slot, next_slot)]


@pytest.mark.django_db(transaction=True)
def test_a_second_sealer_leaves_the_first_one_alone() -> None:
    happen(make_contact())
    sealed = []

    def second() -> None:
        sealed.append(seal_pending())
        connection.close()

    with transaction.atomic():
        sealing.lock(wait=True)
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert sealed == [0]
    assert not Checkpoint.objects.exists()
    assert seal_pending() == 2


@pytest.mark.django_db(transaction=True)
def test_what_is_not_committed_yet_is_sealed_later_and_never_missed() -> None:
    amara = make_contact()
    written, may_commit = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with transaction.atomic():
            happen(amara, times=5)
            written.set()
            may_commit.wait(30)
        connection.close()

    thread = threading.Thread(target=slow_writer)
    thread.start()
    written.wait(30)
    overtaking = happen(amara)
    seal_pending()
    assert Leaf.objects.filter(event_id__in=overtaking).exists()
    assert Leaf.objects.count() == 2
    may_commit.set()
    thread.join()
    seal_pending()
    assert set(Leaf.objects.values_list("event_id", flat=True)) == set(
        ActivityEvent.objects.values_list("pk", flat=True)
    )
