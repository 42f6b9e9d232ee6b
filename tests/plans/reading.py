"""Reads how PostgreSQL answers the queries of a page, and says what would not do at full size."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

LARGE = 2_000  # rows of a table that is not read from end to end
# Of half hours and kinds: it grows with time, not with what happens.
SMALL = {"activity_tally"}
PAGE = 200  # rows that a page may sort, or pass over in a table that it reads from the start
READ = 12_000  # rows that a statement may read: counting stops after 10,000


@dataclass
class Statement:
    """One query of a page, and how it was answered."""

    sql: str
    params: Any
    settings: tuple[str, ...] = ()  # that were in force, as statements

    def plan(self) -> dict[str, Any]:
        """Return the plan; of what only reads, as it was run, with the rows there were."""
        reads = self.sql.lstrip("( \n").upper().startswith(("SELECT", "WITH"))
        reads = reads and not any(
            word in self.sql for word in ("INSERT INTO", "UPDATE ", "DELETE ")
        )
        options = "ANALYZE, TIMING OFF, FORMAT JSON" if reads else "FORMAT JSON"
        with transaction.atomic(), connection.cursor() as cursor:
            for setting in self.settings:
                cursor.execute(setting)
            cursor.execute(f"EXPLAIN ({options}) {self.sql}", self.params)
            (found,) = cursor.fetchone()
            transaction.set_rollback(True)  # and the settings with it
        return (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]


def statements(action: Callable[[], object]) -> list[Statement]:
    """Return the statements that the action sends to the database."""
    sent: list[Statement] = []
    settings: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        words = sql.lstrip("( \n").upper()
        if words.startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")) and not many:
            sent.append(Statement(sql, params, tuple(settings)))
        elif words.startswith("SET LOCAL"):
            settings.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        action()
    return sent


def judge(
    page: str, action: Callable[[], object], *, sorts: int = PAGE, begins: int = PAGE
) -> None:
    """Fail where a statement of the action would not do at full size, and say which, and why.

    `sorts` rows may be sorted, `begins` read from the beginning of a large table.
    """
    found = statements(action)
    assert found, f"{page} asks the database nothing."
    large = _large_tables()
    wrong = [problem for each in found for problem in problems(each, large, sorts, begins)]
    assert not wrong, f"{page}\n\n" + "\n\n".join(wrong)


def problems(statement: Statement, large: set[str], sorts: int, begins: int) -> list[str]:
    """Return what is wrong with how a statement is answered, each with its plan.

    - a large table is read from its beginning, for more than `begins` rows,
    - more than READ rows are read, to show or to count some of them,
    - more than `sorts` rows are sorted.
    """
    if not any(table in statement.sql for table in large):
        return []
    plan, found = statement.plan(), []
    for node in _nodes(plan):
        read = _rows(node)
        table = node.get("Relation Name")
        if node["Node Type"] == "Seq Scan" and table in large and read > begins:
            found.append(f"{table} is read from its beginning, {read:,.0f} rows")
        elif table in large and read > READ:
            found.append(f"{read:,.0f} rows of {table} are read")
        if node["Node Type"] in ("Sort", "Incremental Sort"):
            (below,) = node["Plans"]
            rows = below.get("Actual Rows", below["Plan Rows"])
            if rows > sorts:
                found.append(f"{rows:,.0f} rows are sorted")
    return [f"{each}:\n{statement.sql}\n{_drawn(plan)}" for each in found]


def _large_tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples > %s"
            " AND relnamespace = 'public'::regnamespace",
            [LARGE],
        )
        return {name for (name,) in cursor.fetchall()} - SMALL


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)


def _output(node: dict[str, Any]) -> float:
    """Return how many rows came out of a node; how many would, where it was not run."""
    if "Actual Loops" not in node:
        return node["Plan Rows"]
    return node["Actual Rows"] * node["Actual Loops"]


def _rows(node: dict[str, Any]) -> float:
    """Return how many rows a node looked at."""
    passed = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    return _output(node) + sum(node.get(name, 0) for name in passed) * node.get("Actual Loops", 1)


def _drawn(node: dict[str, Any], depth: int = 0) -> str:
    about = (node.get(name, "") for name in ("Relation Name", "Index Name", "Index Cond", "Filter"))
    line = " ".join(filter(None, (node["Node Type"], f"{_rows(node):,.0f} rows", *about)))
    return "\n".join(
        ["  " * depth + line, *(_drawn(below, depth + 1) for below in node.get("Plans", ()))]
    )
