"""Thousands of contacts created at once, and whether anything was recorded of it."""

from typing import Any

from django.db import transaction

from bench.conductor import Conductor, Turn
from bench.contenders import BASE, ENTRIES
from bench.cpu import measured
from bench.median import summed
from bench.people import person
from bench.sizes import Sizes

TITLE = "Contacts created in bulk"


def creates(contender: Any, count: int, turn: int) -> dict[str, float]:
    """Create contacts in one transaction, by the contender's fastest way that leaves a record.

    Returns what one contact took, and the share of them that has a record.
    """
    made = [contender.contacts(**person(turn * count + number)) for number in range(count)]
    with measured() as spent, contender.acting(), transaction.atomic():
        contender.create(made)
    recorded = contender.records([each.pk for each in made])
    return spent.per(count) | {"recorded": recorded / count}


def conduct(conductor: Conductor, sizes: Sizes) -> dict[str, Any]:
    """Return what a contact created in bulk costs, as a ratio to bare Django's bulk_create."""
    arguments = {"count": sizes.bulk}
    names = [name for name in ENTRIES if name != "narrow"]
    turns = {name: Turn(name, "creating", "creates", arguments) for name in names}
    return summed(conductor.rounds(turns, sizes.long_rounds), BASE)


def table(figures: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Return the heads and rows of a table."""
    heads = ["who", "CPU, × bare", "contacts/s of CPU", "contacts/s passed", "recorded"]
    rows = [
        [
            ENTRIES[name].label,
            f"{each['ratio']['median']:.2f}",
            f"{1 / each['cpu']['median']:,.0f}",
            f"{1 / each['wall']['median']:,.0f}",
            f"{each['recorded']['median']:.0%}",
        ]
        for name, each in figures.items()
        if "ratio" in each
    ]
    return heads, rows
