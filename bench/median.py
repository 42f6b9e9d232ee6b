"""Middles of rounds: never means, which one bad round moves."""

from collections.abc import Mapping, Sequence
from statistics import median, quantiles


def middle(values: Sequence[float]) -> dict[str, float]:
    """Return the median of the values and the quartiles around it."""
    if len(values) == 1:
        return {"median": values[0], "low": values[0], "high": values[0]}
    low, _, high = quantiles(values, n=4, method="inclusive")
    return {"median": median(values), "low": low, "high": high}


def ratio(values: Sequence[float], base: Sequence[float]) -> dict[str, float]:
    """Return the middle of value / base, round by round.

    Both must be of the same rounds, in the same order: what slows a machine for a while is in both
    and falls out. Raises ValueError where they are not as many.
    """
    return middle([value / other for value, other in zip(values, base, strict=True)])


def summed(
    rounds: Mapping[str, Sequence[Mapping[str, float]]], base: str
) -> dict[str, dict[str, dict[str, float]]]:
    """Return for each contender the middle of each measure, and its CPU as a ratio to `base`.

    `rounds` holds what `Spent.per` returned, round by round. A contender that did not take part in
    every round has no ratio: it would be one of other rounds.
    """
    result = {}
    for name, each in rounds.items():
        if not each:
            continue
        row = {measure: middle([one[measure] for one in each]) for measure in each[0]}
        if len(each) == len(rounds.get(base, ())):
            row["ratio"] = ratio([one["cpu"] for one in each], [one["cpu"] for one in rounds[base]])
        result[name] = row
    return result
