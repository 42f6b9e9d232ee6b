"""The list of what OWASP ASVS 5.0 asks for: complete, and what it names is there."""

import ast
import re
from functools import cache

from django.conf import settings

ROOT = settings.BASE_DIR
TEXT = (ROOT / "docs" / "asvs.md").read_text()
# How many requirements of levels 1 and 2 each section has; those of level 3 follow them.
SECTIONS = """
    1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3
    4.2:1 4.3:2 4.4:4 5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3
    7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4
    10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2
    12.3:4 13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5
    16.3:4 16.4:3 16.5:3 17.1:1 17.2:4 17.3:2
"""
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if re.match(r"\| \d", line)
]
NAMED = sorted(set(re.findall(r"`((?:[\w.-]+/)+[\w.-]+|[\w.-]+\.\w+|\w+)(?:::(\w+))?`", TEXT)))


@cache
def names_in(path: str) -> set[str]:
    """Return the names of a file's tests, none where there is no such file."""
    file = ROOT / "tests" / f"{path}.py"
    if not file.exists():
        return set()
    tree = ast.parse(file.read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_requirement_of_both_levels_is_there_once() -> None:
    numbers = [number.strip() for row in ROWS for number in row[0].split(",")]
    counts = (each.split(":") for each in SECTIONS.split())
    asked = [f"{name}.{n}" for name, count in counts for n in range(1, int(count) + 1)]
    assert len(asked) == 253
    assert sorted(numbers) == sorted(asked)


def test_every_row_says_what_is_asked_how_it_stands_and_why() -> None:
    for row in ROWS:
        assert len(row) == 4, row
        assert row[2] in {"met", "part", "not met", "n/a"}, row
        assert row[1] and row[3], row
        assert row[2] != "met" or "`" in row[3], row


def test_what_is_met_is_shown_by_a_test_or_a_file_that_is_there() -> None:
    for row in ROWS:
        named = re.findall(r"`([^`]+)`", row[3])
        shown = ["::" in name or (ROOT / name).exists() for name in named]
        assert row[2] != "met" or any(shown), row


def test_what_is_said_to_show_it_is_a_test() -> None:
    named = [(path, test) for path, test in NAMED if test and path != "file"]
    assert len(named) > 100
    assert [f"{path}::{test}" for path, test in named if test not in names_in(path)] == []


def test_every_file_that_is_named_is_there() -> None:
    paths = [path for path, test in NAMED if not test and ("/" in path or "." in path)]
    paths = [path for path in paths if re.search(r"\.(py|md|toml)$|/Caddyfile$", path)]
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_what_is_not_met_is_counted_honestly() -> None:
    states = [row[2] for row in ROWS]
    assert states.count("not met") + states.count("part") < len(states) / 5
