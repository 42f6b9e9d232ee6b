"""What a look at the installation finds."""

from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any


class Level(IntEnum):
    """How bad it is; as a number, the exit code of `manage.py doctor`."""

    WARNING = 1
    ERROR = 2


@dataclass(frozen=True)
class Finding:
    """Something that is wrong: `text` says what, `to_do` how to mend it, `check` who found it."""

    level: Level
    text: str
    to_do: str
    check: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return asdict(self) | {"level": self.level.name.lower()}


def error(text: str, to_do: str) -> Finding:
    """Return that something does not work, or is open to others."""
    return Finding(Level.ERROR, text, to_do)


def warning(text: str, to_do: str) -> Finding:
    """Return that something is less safe, or less sure, than it could be."""
    return Finding(Level.WARNING, text, to_do)
