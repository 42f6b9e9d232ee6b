"""Contenders' processes, and the order in which they work."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.conductor import Conductor, Failed, Player, Turn

# Notes each request in a file that all share, fails when asked to, ends when asked to.
PLAYER = """
import json, sys
name, notes = sys.argv[1:]
for line in sys.stdin:
    asked = json.loads(line)
    with open(notes, "a") as file:
        file.write(name + " ")
    if asked["work"] == "end":
        break
    if asked["work"] == "fail":
        answer = {"problem": "ValueError: no such column"}
    else:
        answer = {"answer": [name, asked["arguments"].get("turn")]}
    print(json.dumps(answer), flush=True)
"""


@pytest.fixture
def said() -> list[str]:
    """Return what the conductor says."""
    return []


@pytest.fixture
def start(tmp_path: Path, said: list[str]) -> Iterator[Callable[..., Conductor]]:
    """Return a function that starts a conductor with players of these names."""
    conductor = Conductor(said.append)

    def start(*names: str) -> Conductor:
        for name in names:
            command = [sys.executable, "-c", PLAYER, name, str(tmp_path / "notes")]
            conductor.players[name] = Player(command, {})
        return conductor

    yield start
    conductor.close()


def turns(*names: str, **work: str) -> dict[str, Turn]:
    return {name: Turn(name, "saving", work.get(name, "saves")) for name in names}


def test_everybody_works_once_in_each_round_and_nobody_always_first(
    start: Callable[..., Conductor], tmp_path: Path
) -> None:
    start("a", "b", "c").rounds(turns("a", "b", "c"), 3)
    order = (tmp_path / "notes").read_text().split()
    assert [order[i : i + 3] for i in range(0, 12, 3)] == [
        ["a", "b", "c"],
        ["b", "c", "a"],
        ["c", "a", "b"],
        ["a", "b", "c"],
    ]


def test_the_round_that_warms_up_does_not_count(start: Callable[..., Conductor]) -> None:
    answers = start("a").rounds(turns("a"), 2)
    assert answers == {"a": [["a", 1], ["a", 2]]}


def test_who_fails_is_named_with_the_reason_and_the_others_go_on(
    start: Callable[..., Conductor], said: list[str]
) -> None:
    conductor = start("a", "b")
    answers = conductor.rounds(turns("a", "b", b="fail"), 2)
    assert len(answers["a"]) == 2
    assert answers["b"] == []
    assert conductor.failures == [
        {
            "contender": "b",
            "work": "b: saving.fail",
            "reason": "ValueError: no such column",
        }
    ]
    assert "no such column" in said[0]


def test_a_process_that_ends_is_a_failure_and_no_hang(start: Callable[..., Conductor]) -> None:
    conductor = start("a")
    with pytest.raises(Failed, match="its process ended"):
        conductor.players["a"].ask("saving", "end")
    with pytest.raises(Failed, match="its process ended"):
        conductor.players["a"].ask("saving", "saves")


def test_a_process_that_was_killed_meanwhile_is_a_failure_and_no_crash(
    start: Callable[..., Conductor],
) -> None:
    conductor = start("a", "b")
    process = conductor.players["a"]._process
    process.kill()
    process.wait()
    answers = conductor.rounds(turns("a", "b"), 1)
    assert answers == {"a": [], "b": [["b", 1]]}
    assert "its process ended" in conductor.failures[0]["reason"]


def test_answers_of_all_hold_those_who_could(start: Callable[..., Conductor]) -> None:
    conductor = start("a", "b")
    conductor.players["a"].close()
    assert conductor.ask_all("saving", "saves") == {"b": ["b", None]}


def test_contenders_that_were_not_started_are_left_out(start: Callable[..., Conductor]) -> None:
    assert start("a").rounds(turns("a", "b"), 1) == {"a": [["a", 1]], "b": []}
