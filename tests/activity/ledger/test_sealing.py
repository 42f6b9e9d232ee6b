"""What the sealer does with what was written, and where it will not sign."""

from typing import Any

import pytest
from django.core.files.storage import storages

from activity.leaf import leaf_hash
from activity.ledger import anchors, keys, tree
from activity.ledger.merkle import root_of, verify_inclusion
from activity.ledger.note import open_checkpoint
from activity.ledger.sealing import seal_pending
from activity.models import ActivityEvent, Checkpoint, Epoch, Leaf, Pending
from tests.activity.happenings import happen
from tests.builders import make_contact


@pytest.mark.django_db
def test_all_that_was_written_is_in_the_tree_and_signed() -> None:
    happen(make_contact(), times=700)
    sealed = seal_pending()
    events = list(ActivityEvent.objects.order_by("id"))
    assert sealed == len(events)
    assert not Pending.objects.exists()
    head = Checkpoint.objects.get()
    hashes = [leaf_hash(event) for event in events]
    assert [bytes(leaf.hash) for leaf in Leaf.objects.order_by("index")] == hashes
    said = open_checkpoint(head.note, keys.verifiers(1))
    assert said == (Epoch.objects.get().origin, len(events), root_of(hashes))
    assert anchors.latest() == head.note
