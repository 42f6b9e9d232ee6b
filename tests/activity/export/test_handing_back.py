"""A worker that is asked to end hands an export back; another one goes on from there."""

import pytest

from activity.tasks import run_export
from contacts.broker import Broker
from contacts.ending import ending
from tests.activity.export.runs import PART, asked, is_complete

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("small_parts")]


def test_an_export_is_handed_back_after_its_part() -> None:
    export = asked()
    waiting = Broker.waiting("activity.tasks.run_export")
    ending.set()
    try:
        run_export(str(export.pk))
    finally:
        ending.clear()
    export.refresh_from_db()
    assert (export.state, export.done) == ("running", PART)
    assert Broker.waiting("activity.tasks.run_export") == waiting + 1
    run_export(str(export.pk))
    export.refresh_from_db()
    assert export.state == "finished"
    assert is_complete(export)
