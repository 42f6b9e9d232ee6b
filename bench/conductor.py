"""Starts a process for each contender, and lets them work in turn."""

import json
import os
import selectors
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from bench.sizes import FOLDER, ROOT

SECONDS = 1_200  # after which a piece of work counts as failed
PEERS_PYTHON = ROOT / "bench" / ".venv" / "bin" / "python"
# Parallel workers of PostgreSQL are processes of their own, which cpu.py does not see.
PGOPTIONS = "-c max_parallel_workers_per_gather=0"


class Failed(Exception):
    """A contender could not do a piece of work; the text says why."""


@dataclass(frozen=True)
class Turn:
    """What one process is asked to do in each round."""

    player: str
    subject: str
    work: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


class Player:
    """A contender's process, and the pipes to it."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **environment},
            cwd=ROOT,
            text=True,
        )

    def ask(self, subject: str, work: str, **arguments: Any) -> Any:
        """Have it do a piece of work and return the answer. Raises Failed."""
        request = {"subject": subject, "work": work, "arguments": arguments}
        try:
            self._process.stdin.write(json.dumps(request, default=str) + "\n")
            self._process.stdin.flush()
            answer = json.loads(self._line())
        except (OSError, ValueError) as problem:
            self.close()
            raise Failed(f"its process ended: {problem}") from problem
        if "problem" in answer:
            raise Failed(answer["problem"])
        return answer["answer"]

    def close(self) -> None:
        """End the process."""
        with suppress(BrokenPipeError):  # of a request that it did not read any more
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _line(self) -> str:
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(SECONDS):
                self._process.kill()
                raise TimeoutError(f"no answer within {SECONDS} seconds")
        return self._process.stdout.readline()


class Conductor:
    """All players, who play one at a time, and what they could not do."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.players: dict[str, Player] = {}
        self.failures: list[dict[str, str]] = []
        self.say = say

    def start(self, name: str, database: Mapping[str, Any]) -> None:
        """Start a contender's process."""
        of_annals = name == "annals"
        settings = "bench.annals_settings" if of_annals else "bench.peers.settings"
        environment = {
            "ANNALS_VAR": str(FOLDER),
            "BENCH_CONTENDER": name,
            "BENCH_DATABASE": json.dumps(database),
            "DJANGO_SETTINGS_MODULE": settings,
            "PGOPTIONS": PGOPTIONS,
            "PYTHONPATH": str(FOLDER),
        }
        python = sys.executable if of_annals else str(PEERS_PYTHON)
        self.players[name] = Player([python, "-m", "bench.worker", name], environment)

    def ask(self, name: str, subject: str, work: str, **arguments: Any) -> Any:
        """Return one contender's answer, or None where it failed, which is noted, or is away."""
        if name not in self.players:
            return None
        try:
            return self.players[name].ask(subject, work, **arguments)
        except Failed as problem:
            self._note(name, f"{subject}.{work}", problem)
            return None

    def ask_all(self, subject: str, work: str, **arguments: Any) -> dict[str, Any]:
        """Return the answers of those who could, one after the other."""
        answers = {name: self.ask(name, subject, work, **arguments) for name in self.players}
        return {name: answer for name, answer in answers.items() if answer is not None}

    def rounds(self, turns: Mapping[str, Turn], count: int) -> dict[str, list[Any]]:
        """Return {label: answers round by round}, after one round that only warms up.

        Each round begins with another one, so that nobody always follows the same. Who fails once
        is left out of the rest.
        """
        answers: dict[str, list[Any]] = {label: [] for label in turns}
        playing = [label for label, turn in turns.items() if turn.player in self.players]
        for number in range(count + 1):
            first = number % len(playing) if playing else 0
            for label in [*playing[first:], *playing[:first]]:
                turn = turns[label]
                try:
                    answer = self.players[turn.player].ask(
                        turn.subject, turn.work, turn=number, **turn.arguments
                    )
                except Failed as problem:
                    self._note(turn.player, f"{label}: {turn.subject}.{turn.work}", problem)
                    playing.remove(label)
                    continue
                if number:
                    answers[label].append(answer)
        return answers

    def close(self) -> None:
        """End all processes."""
        for player in self.players.values():
            player.close()

    def _note(self, name: str, work: str, problem: Failed) -> None:
        self.failures.append({"contender": name, "work": work, "reason": str(problem)})
        self.say(f"  {name} could not do {work}: {problem}")
