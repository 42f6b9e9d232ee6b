"""The verification reads events in a way of its own, and comes to the very same hashes."""

import datetime
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activity.leaf import leaf_hash
from activity.ledger.merkle import Frontier
from activity.ledger.sealing import seal_pending
from activity.ledger.verification.heads import Signers
from activity.ledger.verification.rows import SealedRow, sealed_rows
from activity.ledger.verification.walk import Walk
from activity.models import ActivityEvent, Epoch, Leaf
from activity.recording import Draft, write
from tests.activity.happenings import happen
from tests.activity.ledger.tampering import run, unguarded
from tests.activity.test_payloads import JSON, NAMES
from tests.builders import make_contact

pytestmark = pytest.mark.django_db

UUIDS = st.none() | st.uuids()
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=16)
TIMES = st.datetimes(
    datetime.datetime(1900, 1, 1), datetime.datetime(2200, 1, 1), timezones=st.just(datetime.UTC)
)


def rows() -> list[SealedRow]:
    return list(sealed_rows(1, 0, Leaf.objects.count()))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(NAMES, JSON, max_size=5),
    st.fixed_dictionaries(
        {
            "occurred_at": TIMES,
            "recorded_at": TIMES,
            "actor_id": UUIDS,
            "object_id": UUIDS,
            "contact_id": UUIDS,
            "verb": TEXT,
            "actor_type": TEXT,
            "object_type": TEXT,
        }
    ),
)
def test_every_event_has_the_hash_that_was_sealed(
    payload: dict[str, Any], columns: dict[str, Any]
) -> None:
    [pk] = write([Draft("contact.updated", "contact", None, None, payload)])
    with unguarded():
        ActivityEvent.objects.filter(pk=pk).update(**columns)
    seal_pending()
    row = rows()[-1]
    assert row.event == pk
    assert row.leaf == row.computed == leaf_hash(ActivityEvent.objects.get(pk=pk))
    assert row.payload_fits


@pytest.mark.parametrize(
    "moment", ["infinity", "-infinity", "0044-03-15 12:00:00 BC", "12026-01-01"]
)
def test_a_moment_that_nobody_writes_is_no_reason_to_fail(moment: str) -> None:
    happen(make_contact(), times=2)
    seal_pending()
    with unguarded():
        run("UPDATE activity_event SET occurred_at = %s", moment)
    assert all(row.computed != row.leaf for row in rows())


def test_reading_leaves_the_database_to_plan_its_other_queries_as_before() -> None:
    happen(make_contact())
    seal_pending()
    assert len(rows()) == 2
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_hashjoin")
        assert cursor.fetchone() == ("on",)


def test_a_node_over_65536_leaves_is_held_against_its_row_as_well() -> None:
    happen(make_contact())
    seal_pending()  # for an epoch and its key
    size, edge = 65_536 + 256 + 1, Frontier()
    with unguarded():
        run("DELETE FROM activity_leaf")
        run(
            "INSERT INTO activity_leaf (epoch, index, event_id, hash)"
            " SELECT 1, i, -i, sha256(i::text::bytea) FROM generate_series(0, %s) AS i",
            size - 1,
        )
    nodes = [
        node
        for leaf in Leaf.objects.order_by("index").values_list("hash", flat=True)
        for node in edge.append(bytes(leaf))
    ]
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO activity_node VALUES (1, %s, %s, %s)", nodes)

    def wrong_nodes() -> list[int | None]:
        walk = Walk(Signers(Epoch.objects.get()), [], lambda _leaves: None)
        return [found.event for found in walk.run() if found.kind == "node"]

    assert wrong_nodes() == []
    with unguarded():
        run("UPDATE activity_node SET hash = '\\x00' WHERE level = 2")
    assert wrong_nodes() == [-65_535]
