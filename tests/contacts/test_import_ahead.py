"""What is read of a file while what was read before is written."""

import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
from django.utils import translation
from django.utils.translation import get_language

from contacts.importing.ahead import ahead

SECONDS = 30


def test_all_come_in_their_order() -> None:
    assert list(ahead(iter(range(7)))) == list(range(7))
    assert list(ahead(iter(()))) == []


def test_the_next_one_is_made_while_one_is_in_use() -> None:
    made = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        made.set()
        yield 2

    with closing(ahead(items())) as read:
        assert next(read) == 1
        assert made.wait(SECONDS)


def test_they_are_made_in_the_language_of_who_asks() -> None:
    def languages() -> Iterator[str | None]:
        yield get_language()
        yield get_language()

    with translation.override("de"):
        assert list(ahead(languages())) == ["de", "de"]


def test_what_making_one_raises_comes_after_those_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("unreadable")

    with closing(ahead(items())) as read:
        assert next(read) == 1
        with pytest.raises(ValueError, match="unreadable"):
            next(read)


def test_who_stops_early_leaves_no_thread_behind() -> None:
    before = set(threading.enumerate())
    with closing(ahead(iter(range(100)))) as read:
        assert next(read) == 0
    assert set(threading.enumerate()) <= before
