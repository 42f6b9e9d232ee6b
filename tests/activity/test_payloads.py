"""A payload comes back from the database as it was written, and matches its commitment."""

import hashlib
import hmac
from typing import Any

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from activity.models import ActivityEvent
from activity.recording import Draft, write

pytestmark = pytest.mark.django_db

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40)
NAMES = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


def stored(payload: dict[str, Any]) -> ActivityEvent:
    [pk] = write([Draft("contact.updated", "contact", uuid7(), None, payload)])
    return ActivityEvent.objects.get(pk=pk)


def commitment(event: ActivityEvent) -> bytes:
    return hmac.new(bytes(event.salt), rfc8785.dumps(event.payload), hashlib.sha256).digest()


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.dictionaries(NAMES, JSON, max_size=5))
def test_every_payload_comes_back_as_written_and_matches_its_commitment(
    payload: dict[str, Any],
) -> None:
    event = stored(payload)
    assert event.payload == {"actor": None, **payload}
    assert bytes(event.commitment) == commitment(event)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("nul\x00byte", "nulbyte"),
        ("half \ud83d of a pair", "half ? of a pair"),
        ("\U0001f469\u200d\U0001f680", "\U0001f469\u200d\U0001f680"),
        ("\u202emirrored", "\u202emirrored"),
        ("\uffff\u0001", "\uffff\u0001"),
    ],
)
def test_text_that_json_or_postgresql_cannot_hold_is_cleaned(typed: str, kept: str) -> None:
    event = stored({"old": typed, "new": [typed]})
    assert event.payload == {"actor": None, "old": kept, "new": [kept]}
    assert bytes(event.commitment) == commitment(event)


@pytest.mark.parametrize("value", [1.5, 1e16, float("nan"), 2**53, -(2**53), object(), b"x"])
def test_what_would_not_come_back_as_written_is_refused(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        stored({"changes": [{"old": value}]})
    assert not ActivityEvent.objects.exists()


@pytest.mark.parametrize("name", ["größe", "\x00", "\U0001f469"])
def test_a_name_that_not_all_of_the_world_sorts_alike_is_refused(name: str) -> None:
    with pytest.raises(TypeError):
        stored({name: "x"})


def test_events_are_written_in_order_and_their_ids_returned_in_it() -> None:
    drafts = [Draft("contact.updated", "contact", uuid7(), None, {"n": n}) for n in range(300)]
    ids = write(drafts)
    assert ids == sorted(ids)
    by_id = ActivityEvent.objects.in_bulk(ids)
    assert [by_id[pk].payload["n"] for pk in ids] == list(range(300))
    assert [by_id[pk].object_id for pk in ids] == [draft.object_id for draft in drafts]
