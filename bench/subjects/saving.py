"""One save of a contact with two changed fields, in a transaction of its own."""

from typing import Any

from django.db import connection, transaction

from bench.conductor import Conductor, Turn
from bench.contenders import BASE, ENTRIES
from bench.cpu import measured
from bench.median import summed
from bench.people import change
from bench.sizes import Sizes

TITLE = "One save that changes two fields"


def saves(contender: Any, count: int, turn: int) -> dict[str, float]:
    """Save as many contacts, each read before, and return what one save took."""
    contacts = list(contender.contacts.objects.order_by("id")[:count])
    with measured() as spent:
        for number, contact in enumerate(contacts):
            with contender.acting(), transaction.atomic():
                change(contact, turn * count + number)
                contender.save(contact)
    return spent.per(count)


def stored(contender: Any, count: int) -> dict[str, float]:
    """Return the bytes that one such save adds to all tables but that of contacts.

    Nothing where it leaves no record. Of Annals, these are the event, its origin, the row's version
    and its place in the sealed tree.
    """
    ids = list(contender.contacts.objects.order_by("id").values_list("pk", flat=True)[:count])
    before, entries = _bytes(contender), contender.records(ids)
    if not entries:  # although all of them were saved before
        return {}
    saves(contender, count, turn=1_000)
    added = contender.records(ids) - entries
    return {"bytes": (_bytes(contender) - before) / added, "entries": added}


def conduct(conductor: Conductor, sizes: Sizes) -> dict[str, Any]:
    """Return what a save costs everybody, as a ratio to bare Django's, and what it stores."""
    turns = {name: Turn(name, "saving", "saves", {"count": sizes.saves}) for name in ENTRIES}
    figures = summed(conductor.rounds(turns, sizes.rounds), BASE)
    for name, stored in conductor.ask_all("saving", "stored", count=sizes.saves * 5).items():
        figures[name] = figures.get(name, {}) | ({"stored": stored} if stored else {})
    return figures


def table(figures: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Return the heads and rows of a table."""
    heads = ["who", "CPU, × bare", "quartiles", "CPU ms", "of it database", "bytes an entry"]
    rows = []
    for name, each in ((name, each) for name, each in figures.items() if "ratio" in each):
        ratio, stored = each["ratio"], each.get("stored")
        rows.append([
            ENTRIES[name].label,
            f"{ratio['median']:.2f}",
            f"{ratio['low']:.2f}–{ratio['high']:.2f}",
            f"{each['cpu']['median'] * 1e3:.2f}",
            f"{each['database']['median'] * 1e3:.2f}",
            f"{stored['bytes']:,.0f}" if stored else "",
        ])  # fmt: skip
    return heads, rows


def _bytes(contender: Any) -> int:
    """Return the size of all tables but that of contacts, with their indexes."""
    contender.settle()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace AND relname <> %s",
            [contender.contacts._meta.db_table],
        )
        return int(cursor.fetchone()[0])
