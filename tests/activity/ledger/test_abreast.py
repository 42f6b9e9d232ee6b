"""A long log is read by several processes, which find what one finds."""

import pytest
from django.db import transaction

from activity.ledger.sealing import seal_pending
from activity.ledger.verification import abreast, run
from activity.ledger.verification.abreast import Readers, packed
from activity.ledger.verification.rows import sealed_rows
from activity.ledger.verification.run import Verification
from activity.models import ActivityEvent, Leaf
from tests.activity.happenings import happen
from tests.activity.ledger import tampering
from tests.builders import make_contact


def altered_log() -> None:
    """Seal some events, then change what one says, take another away, and alter a leaf."""
    happen(make_contact(), times=600)
    seal_pending()
    changed, gone, other = Leaf.objects.filter(index__in=[3, 300, 310]).order_by("index")
    with tampering.unguarded():
        event = ActivityEvent.objects.filter(pk=changed.event_id)
        event.update(payload={"actor": "Somebody else"})
        ActivityEvent.objects.filter(pk=gone.event_id).delete()
        tampering.run("UPDATE activity_leaf SET hash = 'short' WHERE index = %s", other.index)


@pytest.mark.django_db
def test_rows_come_out_as_they_went_in() -> None:
    altered_log()
    rows = list(sealed_rows(1, 256, 520))
    assert list(packed(iter(rows), 256).rows(256)) == rows
    assert len(packed(iter(rows), 256).odd) == 2


@pytest.mark.django_db(transaction=True)
def test_several_processes_find_what_one_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction.atomic():
        altered_log()
    alone = [str(finding) for finding in Verification().run()]
    begun = []

    class Noted(Readers):
        def __init__(self, processes: int) -> None:
            super().__init__(processes)
            begun.append(processes)

    monkeypatch.setattr(run, "Readers", Noted)
    assert [str(finding) for finding in Verification(processes=2).run()] == alone
    assert not begun, "A short log is read by one process."
    monkeypatch.setattr(run, "WORTHWHILE", 1)
    monkeypatch.setattr(abreast, "PIECE", 256)
    assert [str(finding) for finding in Verification(processes=2).run()] == alone
    assert begun == [2]
    assert len(alone) == 3
