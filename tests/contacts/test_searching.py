"""Words that many contacts share, with one that few have: the index is asked for the few."""

import itertools

import pytest

from contacts import paging, searching
from contacts.filtering import ORDERS, ContactFilter
from contacts.models import Contact
from contacts.searching import Telling
from tests.builders import make_contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def crowd(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make contacts of one company, a few of whom can be told by name, number or town."""
    monkeypatch.setattr(searching, "PAGES", 1_000_000)  # of what other tests have left, too
    for number in range(40):
        make_contact(
            given_name="Anna" if number % 2 else "Ben",
            family_name=f"Berdal{number}",
            organisation="Calder",
            city="Wolfsburg" if number % 13 == 0 else "Graz",
            phones=[f"+4366077{number:05}"] if number % 9 == 0 else ["+436612345678"],
        )


@pytest.mark.parametrize(
    ("typed", "query", "expected", "all_of_it"),
    [
        ("calder 077", "'077':*", 0, 0),
        ("calder berdal17", "'berdal17':*", 1, 1),
        ("anna wo", "'anna':* & 'wo':*", 4, 2),
        ("calder graz", "'calder':* & 'graz':*", 36, 36),
        ("Cálder anna", "'calder':* & 'anna':*", 20, 20),
        ("+43 660 77", "'4366077':*", 5, 5),
        ("calder", "'calder':*", 40, 40),
        ("!", "", 0, 0),
        ("nobody calder", "'nobody':*", 0, 0),
        ("\x00\ud800", "", 0, 0),
    ],
)
def test_the_words_that_fewest_hold_are_told(crowd, typed, query, expected, all_of_it) -> None:
    assert Telling.of(typed) == Telling(query, expected, all_of_it / 40)


def test_few_are_those_of_a_rare_word_and_those_hardly_ever_together() -> None:
    assert Telling("'a':*", 100, 0.5).are_few
    assert Telling("'a':*", 100_000, 0.0001).are_few
    assert not Telling("'a':*", 100_000, 0.01).are_few


@pytest.mark.parametrize("few", [-1, 3_000])
@pytest.mark.parametrize("order", ORDERS.values(), ids=list(ORDERS))
def test_whatever_is_typed_all_of_it_is_found(crowd, monkeypatch, few, order) -> None:
    monkeypatch.setattr(paging, "NEAR", 3)
    monkeypatch.setattr(paging, "FAR", 12)
    monkeypatch.setattr(searching, "FEW", few)
    monkeypatch.setattr(searching, "RARE", 0)
    words = ("calder", "77", "anna", "wo", "b", "graz", "berdal1", "0", "nobody")
    for typed in (*words, "!", *map(" ".join, itertools.combinations(words, 2))):
        rows = Contact.objects.search(typed)
        wanted = [each.pk for each in order.applied(rows)]
        matches = ContactFilter(q=typed, order=order).matches(lambda rows: rows)
        found, place = [], None
        while page := matches.take(4, order, place):
            found += [each.pk for each in page]
            place = (getattr(page[-1], order.field), page[-1].pk)
        assert found == wanted, typed
