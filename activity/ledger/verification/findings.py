"""What a verification of the log reports: findings, and notices that are none."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Something that does not hold.

    `kind` is a word for programs (docs/audit.md lists them), `event` the id of the event that it is
    about, or None. `expected` says what should be there and is not, in words that could follow
    "expected"; it quotes no payload. `is_notice` marks what an auditor should know and what is
    nevertheless in order.
    """

    kind: str
    event: int | None
    expected: str
    is_notice: bool = False

    def as_json(self) -> dict[str, str | int | None]:
        """Return it as `--json` and the table of checks hold it."""
        return {"kind": self.kind, "event": self.event, "expected": self.expected}

    def __str__(self) -> str:
        """Return its line: kind, event id and what was expected."""
        event = f" {self.event}" if self.event is not None else ""
        return f"{self.kind}{event}: expected {self.expected}"


def notice(kind: str, text: str, event: int | None = None) -> Finding:
    """Return something to know that is no finding."""
    return Finding(kind, event, text, is_notice=True)
