"""Looks a file over before anything is imported: what it is, and whether it can be read at all."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import IO

from django.utils.translation import gettext as _

from contacts.importing import csv_file, vcard_file
from contacts.importing.columns import Mapping, format_of, recognised
from contacts.importing.foreign import what_else
from contacts.importing.records import LARGEST_CELL, LONGEST_LINE, MOST_COLUMNS, Record
from contacts.importing.text import UnreadableFile, encoding_of, is_damaged, lines

VCARD = "vcard"
LONGEST_HEADER = 200  # characters
_LONGEST = 4 * LONGEST_LINE  # bytes of a line, in any encoding
# An email, a phone number or a web address: no column is called that.
_A_VALUE = re.compile(r"\S+@\S+|\w+://.*|[+\d\s()./-]{7,}")


@dataclass(frozen=True)
class Layout:
    """How to read a file.

    `format` is "vcard", or for CSV files "google", "outlook" or "csv". `columns` are the headers of
    a CSV file, `targets` says where each of them goes; `total` counts the rows or cards.
    """

    format: str
    encoding: str
    delimiter: str = ""
    columns: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    total: int = 0

    def records(self, file: IO[bytes], source: str = "", skip: int = 0) -> Iterator[Record]:
        """Yield what is in the file, one at a time, but the first `skip`. Raises UnreadableFile.

        `source` is where the external ids in the file come from; without one they are left out.
        """
        if self.format == VCARD:
            cards = vcard_file.records(lines(file, self.encoding, LARGEST_CELL), source)
            return islice(cards, skip, None)
        text = lines(file, self.encoding, LONGEST_LINE)
        mapping = Mapping(self.columns, self.targets, source)
        return csv_file.records(text, self.delimiter, self.columns, mapping, skip)

    def count(self, file: IO[bytes]) -> int:
        """Return how many rows or cards the file holds, having read it all. Raises UnreadableFile.

        Rows are not looked into: a million of them take seconds.
        """
        if self.format == VCARD:
            return sum(1 for _card in self.records(file))
        text = lines(file, self.encoding, LONGEST_LINE)
        return sum(1 for _row in islice(csv_file.rows(text, self.delimiter), 1, None))


def inspect(file: IO[bytes]) -> Layout:
    """Return how to read a file, having read all of it once; its columns are recognised.

    Its beginning is looked at first, so that what is no such file at all is refused at once. Raises
    UnreadableFile for anything that is not a CSV or vCard file with something in it.
    """
    file.seek(0)
    head = file.read(4096)
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n"):
        raise UnreadableFile(_("This file is empty. Choose another one."))
    if other := what_else(head):
        raise UnreadableFile(other)
    head += file.read(_LONGEST)
    if len(head) > _LONGEST and b"\n" not in head and b"\r" not in head:
        raise csv_file.too_long(1)
    encoding = encoding_of(file)
    first = next(filter(str.strip, lines(file, encoding, LONGEST_LINE)), "")
    is_card = first.strip().upper() == "BEGIN:VCARD"
    layout = Layout(VCARD, encoding) if is_card else _csv_layout(file, encoding)
    total = layout.count(file)
    if not total:
        raise UnreadableFile(_("There are no contacts below the first row. Choose another file."))
    return replace(layout, total=total)


def _csv_layout(file: IO[bytes], encoding: str) -> Layout:
    delimiter = csv_file.delimiter_of(lines(file, encoding, LONGEST_LINE))
    _line, header = next(csv_file.rows(lines(file, encoding, LONGEST_LINE), delimiter), (1, []))
    if len(header) > MOST_COLUMNS:
        raise UnreadableFile(
            _("This file has %(count)s columns; %(limit)s are the most that can be read.")
            % {"count": len(header), "limit": MOST_COLUMNS}
        )
    if is_damaged("".join(header)):
        raise UnreadableFile(
            _("The first row holds bytes that are not UTF-8. Export the file again as UTF-8.")
        )
    if any(len(cell) > LONGEST_HEADER or _A_VALUE.fullmatch(cell) for cell in header):
        raise UnreadableFile(
            _(
                "The first row has to name the columns, for example “Name, Email, Phone”. "
                "Add such a row, then upload the file again."
            )
        )
    targets = recognised(header)
    if len(header) == 1 and not targets[0]:
        raise UnreadableFile(
            _("This does not look like a CSV or vCard file: there is one column, “%(column)s”.")
            % {"column": header[0]}
        )
    return Layout(format_of(header), encoding, delimiter, _named(header), targets)


def _named(header: list[str]) -> list[str]:
    """Return a name of its own for each column: those without one, or with another's, get one."""
    seen: Counter[str] = Counter()
    named = []
    for number, cell in enumerate(header, 1):
        name = cell or _("Column %(n)s") % {"n": number}
        seen[name] += 1
        named.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return named
