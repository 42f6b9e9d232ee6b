"""What every format is read into, and the limits that keep any file from being too much."""

from dataclasses import dataclass, field

LARGEST_CELL = 100_000  # characters
LONGEST_LINE = 1_000_000  # characters
MOST_COLUMNS = 200


@dataclass(frozen=True)
class Record:
    """One contact as it stands in a file.

    `line` is where it begins, counted from 1; `cells` are its cells, or the card's text. `values`
    maps targets (contacts.importing.columns) to texts. `problem` says why it cannot be read.
    """

    line: int
    cells: list[str]
    values: dict[str, list[str]] = field(default_factory=dict)
    problem: str = ""
