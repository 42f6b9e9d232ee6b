"""Are the guards in the database the ones that activity/guards.py would install today?"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

from django.db import connection

from activity import guards
from activity.ledger.verification.findings import Finding

_TRIGGER = re.compile(
    r"CREATE (?P<constraint>CONSTRAINT )?TRIGGER (?P<name>\w+) (?P<timing>BEFORE|AFTER|INSTEAD OF)"
    r" (?P<events>.+?) ON (?P<table>[\w.]+) (?P<options>.*?)FOR EACH (?P<level>ROW|STATEMENT)"
    r"(?: WHEN \((?P<condition>.+?)\))? EXECUTE FUNCTION (?P<function>[\w.]+)\((?P<arguments>.*?)\)"
)
_ALWAYS = re.compile(r"ENABLE ALWAYS TRIGGER (\w+)")
_ALTERED = re.compile(r"ALTER TABLE (\w+) ([^;]+);")
_FUNCTION = re.compile(
    r"CREATE OR REPLACE FUNCTION (\w+)\([^)]*\) RETURNS \w+\s+LANGUAGE (\w+)(?: STABLE)?"
    r"(?: SET (\w+ TO \w+))? AS \$\$(.*?)\$\$",
    re.S,
)
_COMPARISON = re.compile(r"row\((.+?)\) is distinct from row\((.+?)\)")
_CAST = re.compile(r"::text(\[\])?")

_OUTBOX = "activity_pending"  # has no guard of its own, and should have nothing else

_INSTALLED_TRIGGERS = """
SELECT pg_get_triggerdef(oid, true), tgenabled FROM pg_trigger
WHERE tgrelid = ANY(%s::regclass[]) AND NOT tgisinternal
"""
# Whichever schema they are in: another one of the name could be called instead.
_INSTALLED_FUNCTIONS = """
SELECT proname, lanname, replace(array_to_string(proconfig, ', '), '=', ' TO '), prosrc, prosecdef
FROM pg_proc JOIN pg_language ON pg_language.oid = prolang WHERE proname = ANY(%s)
"""
_RULES = """
SELECT relname, rulename FROM pg_rewrite JOIN pg_class ON pg_class.oid = ev_class
WHERE ev_class = ANY(%s::regclass[]) ORDER BY 1, 2
"""
_ALL_TABLES = "SELECT name FROM unnest(%s::text[]) AS name WHERE to_regclass(name) IS NOT NULL"


@dataclass(frozen=True)
class Trigger:
    """A trigger, as far as it makes a difference: neither case nor order of columns does."""

    table: str
    name: str
    constraint: bool
    timing: str
    events: frozenset[str]
    columns: frozenset[str]
    options: str
    level: str
    condition: frozenset[str]
    function: str
    arguments: str
    fires: str

    @classmethod
    def read(cls, match: re.Match[str], fires: str) -> "Trigger":
        """Return the trigger that a matching CREATE TRIGGER makes."""
        events = match["events"].lower().replace('"', "").split(" or ")
        return cls(
            table=match["table"],
            name=match["name"],
            constraint=bool(match["constraint"]),
            timing=match["timing"],
            events=frozenset(event.partition(" of ")[0] for event in events),
            columns=frozenset(", ".join(e.partition(" of ")[2] for e in events).split(", ")) - {""},
            options=match["options"],
            level=match["level"],
            condition=_condition(match["condition"] or ""),
            function=match["function"],
            arguments=match["arguments"],
            fires=fires,
        )

    def differences(self, other: "Trigger") -> str:
        """Return the names of all that sets it apart from another."""
        names = (field.name for field in fields(self))
        return ", ".join(name for name in names if getattr(self, name) != getattr(other, name))


def _condition(text: str) -> frozenset[str]:
    """Return the terms of a condition; PostgreSQL keeps a comparison of rows column by column."""
    plain = _CAST.sub("", text.lower().replace('"', "")).strip()
    if rows := _COMPARISON.fullmatch(plain):
        old, new = (row.split(", ") for row in rows.groups())
        terms = [f"{a} is distinct from {b}" for a, b in zip(old, new, strict=True)]
    else:
        terms = plain.split(" or ")
    return frozenset(re.sub(r"[()]", "", term) for term in terms)


def expected_triggers() -> dict[tuple[str, str], Trigger]:
    """Return {(table, name): trigger} of all that should be there."""
    text = " ".join(_FUNCTION.sub("", guards.expected()).split())
    always = {
        (table, name) for table, acts in _ALTERED.findall(text) for name in _ALWAYS.findall(acts)
    }
    found = {}
    for match in _TRIGGER.finditer(text):
        key = match["table"], match["name"]
        found[key] = Trigger.read(match, "always" if key in always else "not in replica mode")
    return found


def installed_triggers(tables: list[str]) -> dict[tuple[str, str], Trigger]:
    """Return {(table, name): trigger} of all that is there on those tables."""
    modes = {"A": "always", "O": "not in replica mode", "R": "in replica mode only", "D": "never"}
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(_INSTALLED_TRIGGERS, [tables])
        for definition, enabled in cursor.fetchall():
            match = _TRIGGER.fullmatch(" ".join(definition.split()))
            found[match["table"], match["name"]] = Trigger.read(match, modes[enabled])
    return found


def check_guards() -> Iterator[Finding]:
    """Yield a finding for each guard that is missing, was changed, or has company."""
    expected = expected_triggers()
    wanted = sorted({_OUTBOX} | {table for table, _name in expected})
    with connection.cursor() as cursor:
        cursor.execute(_ALL_TABLES, [wanted])
        tables = [table for (table,) in cursor.fetchall()]
    installed = installed_triggers(tables)
    for key, trigger in expected.items():
        there = installed.get(key)
        what = f"the guard {trigger.name} on {trigger.table}"
        if there is None:
            yield Finding("guard", None, f"{what}; it is gone")
        elif there != trigger:
            changed = there.differences(trigger)
            yield Finding("guard", None, f"{what} as it was made; changed: {changed}")
    for table, name in sorted(installed.keys() - expected.keys()):
        yield Finding("guard", None, f"no other trigger, like {name}, on {table}")
    yield from _check_functions()
    yield from _check_rules(tables)


def _check_functions() -> Iterator[Finding]:
    installed: dict[str, list[Any]] = defaultdict(list)
    wanted = {name: as_made for name, *as_made in _FUNCTION.findall(guards.expected())}
    with connection.cursor() as cursor:
        cursor.execute(_INSTALLED_FUNCTIONS, [list(wanted)])
        for name, language, setting, *function in cursor.fetchall():
            installed[name].append([language, setting or "", *function])
    for name, as_made in wanted.items():
        if not installed[name]:
            yield Finding("guard", None, f"the guards' function {name}; it is gone")
        elif installed[name] != [[*as_made, False]]:
            yield Finding("guard", None, f"the guards' function {name} as it was made")


def _check_rules(tables: list[str]) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute(_RULES, [tables])
        for table, rule in cursor.fetchall():
            yield Finding("guard", None, f"no rule, like {rule}, on {table}")
