"""50 entries of one contact's record as HTML, out of very many events.

Everybody shows them as the library's documentation says, most in Django's admin, to somebody who is
signed in. The baseline is a page of plain rows that somebody wrote by hand: one table, one query.
The entries are alike for everybody: two fields changed. They are copies, see `multiply`.
"""

from typing import Any

from django.db import connection, transaction

from bench.conductor import Conductor, Turn
from bench.contenders import ENTRIES
from bench.cpu import measured
from bench.median import summed
from bench.people import change
from bench.sizes import Sizes
from bench.subjects.ground import hurrying
from bench.wsgi import Visitor

TITLE = "50 entries of one contact as HTML"
SHOWN = 50
SECONDS = 60  # after which a statement of a page is given up
# Those of Annals' rows that were drawn before are kept; without them a page is as after a start.
COLD = "annals: nothing kept"


def fill(contender: Any, events: int, hot: int) -> bool:
    """Add events: 50 about the first contact, `hot` about the second, the rest about the others.

    Does so once, and answers False for who has no page to show them on.
    """
    contacts = list(contender.contacts.objects.order_by("id")[:1_000])
    if not contender.address(contacts[0].pk):
        return False
    if contender.is_filled:
        return True
    contender.is_filled = True
    with contender.acting(), transaction.atomic():
        change(contacts[-1], 10**6)
        contender.save(contacts[-1])
    few, much, *others = [each.pk for each in contacts]
    with hurrying():
        contender.multiply(others, events - hot - SHOWN)
        contender.multiply([much], hot)
        contender.multiply([few], SHOWN)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute(f"SET statement_timeout = '{SECONDS}s'")
    return True


def shows(contender: Any, which: int, count: int, turn: int, cold: bool = False) -> dict[str, Any]:
    """Ask for the page of a contact's record `count` times; return what one page took."""
    pk = contender.contacts.objects.order_by("id")[which].pk
    address, visitor = contender.address(pk), Visitor(contender.user)
    visitor.ask(address)
    with measured() as spent:
        for _ in range(count):
            if cold:
                contender.forget()
            answer = visitor.ask(address)
    size = {"bytes": len(answer.body), "queries": visitor.queries(address)}
    return spent.per(count) | size


def conduct(conductor: Conductor, sizes: Sizes) -> dict[str, Any]:
    """Return what a page costs everybody, of a contact with 50 entries and of one with many."""
    filled = conductor.ask_all("reading", "fill", events=sizes.events, hot=sizes.hot)
    names = [name for name in ENTRIES if filled.get(name)]
    figures = {}
    for which, title in enumerate((f"{SHOWN:,} entries", f"{sizes.hot:,} entries")):
        arguments = {"which": which, "count": sizes.requests}
        turns = {name: Turn(name, "reading", "shows", arguments) for name in names}
        if "annals" in names:
            turns[COLD] = Turn("annals", "reading", "shows", arguments | {"cold": True})
        figures[title] = summed(conductor.rounds(turns, sizes.long_rounds), "bare")
    return figures


def table(figures: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Return the heads and rows of a table."""
    heads = ["who", "of a contact with", "queries", "CPU, × plain rows", "CPU ms", "kB"]
    rows = [
        [
            f"{ENTRIES[name].label}, plain rows" if name == "bare" else _label(name),
            title,
            f"{each['queries']['median']:.0f}",
            f"{each['ratio']['median']:.2f}",
            f"{each['cpu']['median'] * 1e3:.1f}",
            f"{each['bytes']['median'] / 1e3:.0f}",
        ]
        for title, everybody in figures.items()
        for name, each in everybody.items()
        if "ratio" in each
    ]
    return heads, rows


def _label(name: str) -> str:
    player, _, rest = name.partition(": ")
    return ENTRIES[player].label + (f", {rest}" if rest else "")
