"""How the log could be laid out once it outgrows one table: `python -m bench.layouts [EVENTS]`.

Copies the newest events of the database that the settings name into three layouts, in a schema of
their own that is dropped afterwards, and asks each what Annals asks of its log:

- `one`: one table, as it is.
- `ranges`: partitions by ranges of ids. Old ones can be put on other disks; no key changes.
- `contacts`: partitions by hash of the contact, which is also how Citus would spread it over
  machines: all that a contact's page and a contact's transaction touch lies together.

Prints Markdown: pages of 8 kB touched, which do not depend on what else the machine does, and the
median time, which does. Run it with the application's own Python.
"""

import os
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.report import markdown

ROUNDS = 50
PARTS = 10

_LAYOUTS = {
    "one": ("", []),
    "ranges": ("PARTITION BY RANGE (id)", ["FOR VALUES FROM ({low}) TO ({high})"]),
    "contacts": (
        "PARTITION BY HASH (contact_id)",
        ["FOR VALUES WITH (modulus {n}, remainder {i})"],
    ),
}
_NEWEST = "ORDER BY id DESC LIMIT 51"
QUESTIONS = {
    "Contact's page, busiest contact": "SELECT * FROM {log} WHERE contact_id = %(hot)s {newest}",
    "Contact's page, any contact": "SELECT * FROM {log} WHERE contact_id = %(any)s {newest}",
    "Log, newest": "SELECT * FROM {log} {newest}",
    "Log, one kind": "SELECT * FROM {log} WHERE verb = %(verb)s {newest}",
    "Event by its uid": "SELECT * FROM {log} WHERE uid = %(uid)s",
    "Check at COMMIT": "SELECT 1 FROM {log} WHERE object_id = %(object)s AND xid = %(xid)s LIMIT 1",
    "Check at COMMIT, with the contact": "SELECT 1 FROM {log} WHERE contact_id = %(contact)s"
    " AND object_id = %(object)s AND xid = %(xid)s LIMIT 1",
    "Write 500 events": "INSERT INTO {log} OVERRIDING SYSTEM VALUE SELECT * FROM written",
}


def main(events: int) -> None:
    """Measure all layouts and print the table."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django  # noqa: PLC0415 - settings come first

    from config import embedded  # noqa: PLC0415

    embedded.start()
    django.setup()
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor, _schema(cursor):
        cursor.execute(
            "CREATE TABLE chosen AS SELECT * FROM activity_event ORDER BY id DESC LIMIT %s",
            [events],
        )
        sizes = {name: _build(cursor, name) for name in _LAYOUTS}
        asked = list(_askings(cursor))
        found = {
            (question, name): _measured(cursor, name, sql, asked)
            for question, sql in QUESTIONS.items()
            for name in _LAYOUTS
        }
        cursor.execute("SELECT count(*) FROM chosen")
        count = cursor.fetchone()[0]
    heads = [f"{count:,} events, {PARTS} partitions, {ROUNDS} rounds", *_LAYOUTS]
    rows = [
        [question, *("{:.0f} pages, {:.2f} ms".format(*found[question, name]) for name in _LAYOUTS)]
        for question in QUESTIONS
    ]
    rows.append(["Size", *(f"{size / 2**20:,.0f} MiB" for size in sizes.values())])
    sys.stdout.write("\n".join(markdown(heads, rows)) + "\n")


@contextmanager
def _schema(cursor: Any) -> Iterator[None]:
    cursor.execute("DROP SCHEMA IF EXISTS layouts CASCADE; CREATE SCHEMA layouts")
    cursor.execute("SET search_path = layouts, public; SET synchronous_commit = off")
    try:
        yield
    finally:
        cursor.execute("DROP SCHEMA layouts CASCADE")


def _build(cursor: Any, name: str) -> int:
    """Make and fill a layout; return its size in octets, with indexes."""
    kind, bounds = _LAYOUTS[name]
    cursor.execute(f"CREATE TABLE {name} (LIKE chosen) {kind}")
    cursor.execute("SELECT min(id), max(id) FROM chosen")
    low, high = cursor.fetchone()
    step = (high - low) // PARTS + 1
    for bound in bounds:
        for i in range(PARTS):
            first, last = low + i * step, low + (i + 1) * step
            if i == PARTS - 1:
                last += 10**12
            text = bound.format(low=first, high=last, n=PARTS, i=i)
            cursor.execute(f"CREATE TABLE {name}_{i} PARTITION OF {name} {text}")
    cursor.execute(f"INSERT INTO {name} TABLE chosen ORDER BY id")
    cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'activity_event'")
    for (definition,) in cursor.fetchall():
        # What is unique over all partitions needs their key; ids and uids are unique by making.
        shape = definition.replace("UNIQUE ", "").partition(" USING ")[2]
        cursor.execute(f"CREATE INDEX ON {name} USING {shape}")
    cursor.execute(f"ANALYZE {name}")
    cursor.execute(
        "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(%s::regclass)", [name]
    )
    (size,) = cursor.fetchone()
    if size is None:
        cursor.execute("SELECT pg_total_relation_size(%s::regclass)", [name])
        (size,) = cursor.fetchone()
    return int(size)


def _askings(cursor: Any) -> Iterator[dict[str, Any]]:
    cursor.execute(
        "SELECT contact_id FROM chosen WHERE contact_id IS NOT NULL"
        " GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    )
    (hot,) = cursor.fetchone()
    cursor.execute(
        "SELECT contact_id, verb, uid, object_id, xid FROM chosen"
        " WHERE contact_id IS NOT NULL AND object_id IS NOT NULL"
        " ORDER BY hashint8(id) LIMIT %s",
        [ROUNDS],
    )
    for contact, verb, uid, thing, xid in cursor.fetchall():
        yield {"hot": hot, "any": contact, "contact": contact, "verb": verb, "uid": uid,
               "object": thing, "xid": xid}  # fmt: skip
    cursor.execute(
        "CREATE TABLE written AS SELECT * FROM chosen ORDER BY hashint8(id) LIMIT 500;"
        "UPDATE written SET id = 10^11 + id, uid = gen_random_uuid()"
    )


def _measured(cursor: Any, name: str, sql: str, asked: list[dict[str, Any]]) -> tuple[float, float]:
    """Return the medians of the pages touched and of the milliseconds taken."""
    pages, times = [], []
    for values in asked:
        cursor.execute("BEGIN")
        cursor.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql.format(log=name, newest=_NEWEST)}",
            values,
        )
        (plan,) = cursor.fetchone()[0]
        cursor.execute("ROLLBACK")
        top = plan["Plan"]
        pages.append(top["Shared Hit Blocks"] + top["Shared Read Blocks"])
        times.append(plan["Planning Time"] + plan["Execution Time"])
    return statistics.median(pages), statistics.median(times)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
