"""What it costs that nobody can change the log unnoticed: sealing, verifying, proving.

No other contender seals. An event is sealed once, by a worker and not while somebody waits, so that
a bare save is only the measure beside it; a verification is compared with reading the same rows.
"""

import random
from typing import Any

from django.db import connection

from bench.conductor import Conductor, Turn
from bench.cpu import measured
from bench.median import summed
from bench.sizes import Sizes
from bench.subjects import ground

TITLE = "The ledger"
SAVE, SEAL, PROVE = "a bare save", "seal an event", "prove an event"
READ, VERIFY = "read an event by SQL", "verify an event"
PROOFS = 100


def seals(annals: Any, count: int, turn: int) -> dict[str, float]:
    """Record as many events, then seal them and return what one took."""
    from activity.ledger.sealing import seal_pending  # noqa: PLC0415  of Annals, only in its process

    seal_pending()
    ground.populate(annals, count)
    with measured() as spent:
        sealed = seal_pending()
    return spent.per(sealed)


def verifies(annals: Any, turn: int) -> dict[str, float]:
    """Verify the whole log and return what one event took. Raises where anything is found."""
    from activity.ledger.verification.run import Verification  # noqa: PLC0415

    verification = Verification()
    with measured() as spent:
        list(verification.run())
    if verification.found:
        raise RuntimeError(str(verification.findings[0]))
    return spent.per(verification.events) | {"events": verification.events}


def reads(annals: Any, turn: int) -> dict[str, float]:
    """Read all events as rows and return what one took."""
    with measured() as spent, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM activity_event ORDER BY id")
        count = sum(1 for _ in cursor)
    return spent.per(count)


def proves(annals: Any, turn: int) -> dict[str, float]:
    """Return what the path of one event's inclusion in the tree takes, and the tree's size."""
    from activity.ledger import tree  # noqa: PLC0415
    from activity.models import Checkpoint  # noqa: PLC0415

    head = Checkpoint.objects.order_by("-epoch", "-size").first()
    chosen = random.Random(turn).sample(range(head.size), PROOFS)  # noqa: S311 - any will do
    with measured() as spent:
        for index in chosen:
            tree.inclusion_proof(head.epoch, index, head.size)
    return spent.per(PROOFS) | {"leaves": head.size}


def conduct(conductor: Conductor, sizes: Sizes) -> dict[str, Any]:
    """Return what each costs for one event."""
    sealing = {
        SAVE: Turn("bare", "saving", "saves", {"count": sizes.saves}),
        SEAL: Turn("annals", "ledger", "seals", {"count": sizes.sealed}),
        PROVE: Turn("annals", "ledger", "proves"),
    }
    looking = {
        READ: Turn("annals", "ledger", "reads"),
        VERIFY: Turn("annals", "ledger", "verifies"),
    }
    figures = summed(conductor.rounds(sealing, sizes.long_rounds), SAVE)
    return figures | summed(conductor.rounds(looking, sizes.long_rounds), READ)


def table(figures: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Return the heads and rows of a table."""
    beside = {SAVE: SAVE, SEAL: SAVE, PROVE: SAVE, READ: READ, VERIFY: READ}
    rows = [
        [
            name + _among(each),
            f"{each['cpu']['median'] * 1e6:,.0f}",
            f"{each['database']['median'] * 1e6:,.0f}",
            f"{each['ratio']['median']:.2f} × {beside[name]}",
        ]
        for name, each in figures.items()
        if "ratio" in each
    ]
    return ["what", "CPU µs", "of it database", "ratio"], rows


def _among(each: dict[str, Any]) -> str:
    count = each.get("leaves") or each.get("events")
    return f" of {count['high']:,.0f}" if count else ""
