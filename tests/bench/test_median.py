"""Middles and ratios of rounds."""

import pytest

from bench.median import middle, ratio, summed


def test_one_bad_round_does_not_move_the_middle() -> None:
    assert middle([1.0, 1.1, 0.9, 1.0, 50.0])["median"] == 1.0


def test_the_quartiles_hold_the_middle_half_of_the_rounds() -> None:
    assert middle([1.0, 2.0, 3.0, 4.0, 5.0]) == {"median": 3.0, "low": 2.0, "high": 4.0}


def test_a_single_round_is_its_own_middle() -> None:
    assert middle([2.5]) == {"median": 2.5, "low": 2.5, "high": 2.5}


def test_what_slows_the_machine_for_a_while_falls_out_of_a_ratio() -> None:
    calm, slow = 1.0, 7.0
    base = [calm, slow, calm]
    assert ratio([2 * each for each in base], base) == {"median": 2.0, "low": 2.0, "high": 2.0}


def test_rounds_of_different_number_have_no_ratio() -> None:
    with pytest.raises(ValueError, match="longer"):
        ratio([1.0, 2.0], [1.0, 2.0, 3.0])


def test_every_contender_is_divided_by_the_baseline_of_the_same_round() -> None:
    rounds = {
        "bare": [{"cpu": 1.0, "wall": 3.0}, {"cpu": 2.0, "wall": 3.0}],
        "other": [{"cpu": 3.0, "wall": 9.0}, {"cpu": 6.0, "wall": 7.0}],
    }
    figures = summed(rounds, "bare")
    assert figures["bare"]["ratio"]["median"] == 1
    assert figures["other"]["ratio"]["median"] == 3
    assert figures["other"]["wall"]["median"] == 8


def test_who_missed_a_round_has_figures_but_no_ratio() -> None:
    rounds = {"bare": [{"cpu": 1.0}, {"cpu": 1.0}], "ill": [{"cpu": 5.0}], "absent": []}
    figures = summed(rounds, "bare")
    assert figures["ill"] == {"cpu": {"median": 5.0, "low": 5.0, "high": 5.0}}
    assert "absent" not in figures
