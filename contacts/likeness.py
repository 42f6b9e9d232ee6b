"""How alike two names are, whatever their case, accents and dots."""

import unicodedata
from typing import NamedTuple

LONG = 12  # letters of a name in which two may be wrong
SHORT = 5  # of one in which any other letter makes another name


class Name(NamedTuple):
    """What somebody is called and where they work, without case and accents."""

    given: str
    family: str
    company: str

    @classmethod
    def of(cls, *parts: str) -> "Name":
        """Return the name of a contact's given name, family name and company."""
        return cls(*map(_folded, parts))

    @property
    def whole(self) -> str:
        """Return given and family name as they are spoken."""
        return f"{self.given} {self.family}"


def is_misspelt(one: str, two: str) -> bool:
    """Tell whether a name becomes the other by one change of a letter, a long one by two.

    A change is a letter more, less, or another one, or two neighbours swapped.
    """
    short, long = sorted((len(one), len(two)))
    most = 2 if long >= LONG else 1
    if one == two or long - short > most or short < SHORT:
        return False
    return _distance(one, two, most) <= most


def _distance(one: str, two: str, most: int) -> int:
    """Return the optimal string alignment distance, or anything above `most` once it is more."""
    before: list[int] = []
    row = list(range(len(two) + 1))
    for i, a in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(two, 1):
            steps = [before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b)]
            if i > 1 and j > 1 and a == two[j - 2] and one[i - 2] == b:
                steps.append(older[j - 2] + 1)
            row.append(min(steps))
        if min(row) > most:
            return most + 1
    return row[-1]


def _folded(text: str) -> str:
    """Return a text without case, accents and dots, as far as names are compared by it."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = (each for each in decomposed if not unicodedata.combining(each) and each != ".")
    return " ".join("".join(letters).split())
