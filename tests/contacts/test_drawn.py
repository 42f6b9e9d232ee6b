"""How many drawn rows a process keeps: by their size, so that its memory has a bound."""

import pytest
from django.utils.safestring import SafeString

from contacts import drawn

ROW = SafeString("x" * 1_000)


@pytest.fixture
def kept(monkeypatch):
    monkeypatch.setattr(drawn, "KEPT", 10_000)
    return drawn.Drawn()


def test_rows_beyond_the_bound_are_let_go_beginning_with_the_one_not_asked_for_longest(kept):
    for number in range(9):
        kept.keep(number, ROW)
    kept.get(0)
    kept.keep("new", ROW)
    assert kept.get(0) == kept.get("new") == ROW
    assert kept.get(1) is None


def test_a_row_that_is_drawn_again_takes_its_place_once(kept):
    for _ in range(100):
        kept.keep("the same", ROW)
    kept.keep("another", ROW)
    assert kept.get("the same") == kept.get("another") == ROW


def test_a_row_larger_than_all_that_may_be_kept_is_drawn_and_not_kept(kept):
    large = SafeString("x" * 20_000)
    assert kept.keep("large", large) == large
    assert kept.get("large") is None
    assert kept.keep("small", ROW) == kept.get("small")


def test_a_cleared_cache_has_all_of_its_room_again(kept):
    for number in range(9):
        kept.keep(number, ROW)
    kept.clear()
    for number in range(9):
        kept.keep(number, ROW)
    assert kept.get(0) == ROW
