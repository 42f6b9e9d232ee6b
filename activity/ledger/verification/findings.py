"""What a verification of the log reports: findings, and notices that are none.

| kind | what does not hold |
| --- | --- |
| event | an event was changed after it was sealed, or is gone |
| payload | what an event says, or its salt, is not what it is committed to |
| erasure | what an event said is gone, and no sealed erasure says why |
| unsealed | an event is not sealed in time, or does not even wait for it |
| pending | what waits to be sealed is gone, or sealed already |
| leaf, node, tree | a hash of the tree was changed, or is missing |
| checkpoint | a signed root is not that of the tree, or is not signed |
| anchor | a checkpoint known outside is not of this log: it was cut off, or written anew |
| key | a key was not introduced by the one before it |
| epoch | a log that goes on after a restored backup does not say from where |
| guard | a trigger is missing, switched off or changed, or one is there that should not be |
| drift | a row is not what its newest version says, or is gone |
| history | a version of a row is missing, or there twice |
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Something that does not hold.

    `kind` is a word for programs, `event` the id of the event that it is about, or None. `expected`
    says what should be there and is not, in words that could follow "expected"; it quotes no
    payload. `is_notice` marks what an auditor should know and what is nevertheless in order.
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
