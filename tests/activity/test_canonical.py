"""The bytes that are hashed: the same that RFC 8785 asks for, and those of the leaf."""

import hashlib
import json
from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from activity.canonical import canonical
from activity.leaf import leaf_data, leaf_hash

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NAMES = st.text(st.characters(max_codepoint=127))
WHOLE = st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1)
PAYLOADS = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
)


@given(PAYLOADS)
def test_a_payload_is_written_as_rfc_8785_says(payload: object) -> None:
    assert canonical(payload) == rfc8785.dumps(payload)


@pytest.mark.parametrize("beyond", [2**53, -(2**53), datetime(2026, 1, 1), {"a": {1, 2}}])
def test_what_json_cannot_hold_is_refused(beyond: object) -> None:
    with pytest.raises(TypeError):
        canonical({"value": beyond})


def test_a_leaf_holds_all_of_an_event_but_what_can_be_erased() -> None:
    event = SimpleNamespace(
        version=1,
        uid=UUID(int=1),
        verb="contact.archived",
        occurred_at=datetime(2026, 11, 23, 3, 4, 5, tzinfo=UTC),
        recorded_at=datetime(2026, 11, 23, 3, 4, 5, 6, tzinfo=UTC),
        actor_type="user",
        actor_id=UUID(int=2),
        object_type="contact",
        object_id=UUID(int=3),
        contact_id=None,
        origin_id=UUID(int=4),
        commitment=memoryview(b"\xab" * 32),
        payload={"secret": "Amara"},
    )
    data = leaf_data(event)
    assert json.loads(data) == {
        "v": 1,
        "uid": "00000000-0000-0000-0000-000000000001",
        "verb": "contact.archived",
        "occurred": "2026-11-23T03:04:05.000000Z",
        "recorded": "2026-11-23T03:04:05.000006Z",
        "actor": {"type": "user", "id": "00000000-0000-0000-0000-000000000002"},
        "object": {"type": "contact", "id": "00000000-0000-0000-0000-000000000003"},
        "contact": None,
        "origin": "00000000-0000-0000-0000-000000000004",
        "commitment": "ab" * 32,
    }
    assert data == rfc8785.dumps(json.loads(data))
    assert leaf_hash(event) == hashlib.sha256(b"\x00" + data).digest()
