"""No regular expression of ours takes time that grows with the square of what it looks at."""

import ast
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from re import _parser

import pytest
from django.conf import settings

LENGTH = 5_000  # characters; what takes 0.1 s here by its square is 40 s at 100,000
SECONDS = 0.08  # of CPU; what is linear takes some milliseconds
MOST_SECONDS = 1.0  # where the length is bounded
ONCE = frozenset({"match", "search", "fullmatch"})
CALLS = ONCE | {"sub", "subn", "split", "findall", "finditer"}
APPS = ("accounts", "activity", "config", "contacts")
# What looks at texts of a length that was bounded before, in characters.
BOUNDED = {
    "contacts/forms/sharing.py": 5_000,  # MOST_CHARACTERS
    "activity/highlighting.py": 2_000,  # rows of our templates, in which each "<" is closed
}


@dataclass(frozen=True)
class Pattern:
    """Where a pattern stands, what it says, and by which methods it is used."""

    place: str
    text: str | bytes
    methods: frozenset[str]


def patterns() -> Iterator[Pattern]:
    """Yield each pattern, with what is put into it left out."""
    for app in APPS:
        for module in sorted((Path(settings.BASE_DIR) / app).rglob("*.py")):
            source = module.read_text()
            tree = ast.parse(source)
            named = {
                inner: ast.unparse(node.targets[0])
                for node in ast.walk(tree)
                if isinstance(node, ast.Assign)
                for inner in ast.walk(node.value)
            }
            for node in ast.walk(tree):
                text = _is_call(node) and _constant(node.args[0])
                if text:
                    place = f"{module.relative_to(settings.BASE_DIR)}:{node.lineno}"
                    yield Pattern(place, text, _methods(node, named.get(node, ""), source))


def _methods(call: ast.Call, name: str, source: str) -> frozenset[str]:
    if isinstance(call.func, ast.Attribute) and call.func.attr != "compile":
        return frozenset({call.func.attr})
    used = re.findall(rf"\b{re.escape(name)}(?:\[[^\]]*\])?\.(\w+)\(", source) if name else []
    return CALLS.intersection(used) or frozenset({"search"})


def _is_call(node: ast.AST) -> bool:
    """Tell whether this is a call that takes a pattern first."""
    if not isinstance(node, ast.Call) or not node.args or not isinstance(node.func, ast.Attribute):
        return False
    return ast.unparse(node.func.value) == "re" and node.func.attr in CALLS | {"compile"}


def _constant(node: ast.AST) -> str | bytes | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(each.value for each in node.values if isinstance(each, ast.Constant))
    return None


def units(pattern: str) -> list[str]:
    """Return what to repeat: each letter the pattern asks for, pairs of them, and usual ones."""
    letters = dict.fromkeys(" a0-<>@.,\t=/\n:;\"'[](){}&#_é")
    for operation, value in _walk(_parser.parse(pattern)):
        if operation is _parser.LITERAL:
            letters[chr(value)] = None
    asked = list(letters)
    return asked + [f"{one}{two}" for one, two in pairwise(asked)]


def _walk(parsed: object) -> Iterator[tuple[object, int]]:
    for entry in parsed if isinstance(parsed, list | tuple | _parser.SubPattern) else ():
        if isinstance(entry, tuple) and len(entry) == 2 and entry[0] is _parser.LITERAL:
            yield entry
        else:
            yield from _walk(entry)


class TooLong(Exception):
    """The time is over."""


def _stop(*_: object) -> None:
    raise TooLong


@pytest.fixture
def alarm() -> Iterator[None]:
    before = signal.signal(signal.SIGVTALRM, _stop)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


def slowest(pattern: Pattern) -> str:
    """Return with what a pattern takes too long, empty where nothing was found."""
    is_bytes = isinstance(pattern.text, bytes)
    bound = BOUNDED.get(pattern.place.partition(":")[0])
    length, seconds = (bound, MOST_SECONDS) if bound else (LENGTH, SECONDS)
    compiled = re.compile(pattern.text)
    for unit in units(pattern.text.decode("latin-1") if is_bytes else pattern.text):
        text = unit * (length // len(unit)) + "\x00"
        looked = text.encode() if is_bytes else text
        for method in pattern.methods:
            # What finds more than one goes on after the first, as `findall` does.
            act = getattr(compiled, method if method in ONCE else "findall")
            signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
            try:
                act(looked)
            except TooLong:
                return f"{method}, with many of {unit!r}"
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return ""


def test_no_pattern_takes_time_by_the_square_of_a_text(alarm: None) -> None:
    found = list(patterns())
    slow = []
    for pattern in found:
        if with_what := slowest(pattern):
            slow.append(f"{pattern.place}: {pattern.text!r} by {with_what}")
    assert len(found) > 50
    assert not slow, "\n".join(slow)
