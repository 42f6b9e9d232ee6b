"""Looks a file over before anything is imported: what it is, and whether it can be read at all."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import IO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.importing import csv_file, vcard_file
from contacts.importing.columns import format_of, recognised
from contacts.importing.records import LARGEST_CELL, LONGEST_LINE, MOST_COLUMNS, Record
from contacts.importing.text import UnreadableFile, encoding_of, lines

VCARD = "vcard"
LONGEST_HEADER = 200  # characters
_OTHER_FILES = {
    b"PK\x03\x04": gettext_lazy("This is a spreadsheet or an archive. Save it as CSV first."),
    b"\xd0\xcf\x11\xe0": gettext_lazy("This is an old spreadsheet. Save it as CSV first."),
    b"%PDF": gettext_lazy("This is a PDF. Export the contacts as CSV or vCard instead."),
    b"{": gettext_lazy("This is JSON. Export the contacts as CSV or vCard instead."),
    b"<": gettext_lazy("This is a web page or XML. Export the contacts as CSV or vCard instead."),
}
# An email, a phone number or a web address: no column is called that.
_A_VALUE = re.compile(r"\S+@\S+|\w+://.*|[+\d\s()./-]{7,}")


@dataclass(frozen=True)
class Source:
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

    def records(self, file: IO[bytes]) -> Iterator[Record]:
        """Yield what is in the file, one at a time. Raises UnreadableFile."""
        if self.format == VCARD:
            return vcard_file.records(lines(file, self.encoding, LARGEST_CELL))
        text = lines(file, self.encoding, LONGEST_LINE)
        return csv_file.records(text, self.delimiter, self.columns, self.targets)


def inspect(file: IO[bytes]) -> Source:
    """Return how to read a file, having read all of it once; its columns are recognised.

    Raises UnreadableFile for anything that is not a CSV or vCard file with something in it.
    """
    file.seek(0)
    head = file.read(512).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head:
        raise UnreadableFile(_("This file is empty. Choose another one."))
    for beginning, problem in _OTHER_FILES.items():
        if head.startswith(beginning):
            raise UnreadableFile(str(problem))
    encoding = encoding_of(file)
    first = next(filter(str.strip, lines(file, encoding, LONGEST_LINE)), "")
    is_card = first.strip().upper() == "BEGIN:VCARD"
    source = Source(VCARD, encoding) if is_card else _csv_source(file, encoding)
    total = sum(1 for _record in source.records(file))
    if not total:
        raise UnreadableFile(_("There are no contacts below the first row. Choose another file."))
    return replace(source, total=total)


def _csv_source(file: IO[bytes], encoding: str) -> Source:
    delimiter = csv_file.delimiter_of(lines(file, encoding, LONGEST_LINE))
    _line, header = next(csv_file.rows(lines(file, encoding, LONGEST_LINE), delimiter), (1, []))
    targets = recognised(header)
    if len(header) > MOST_COLUMNS:
        raise UnreadableFile(
            _("This file has %(count)s columns; %(limit)s are the most that can be read.")
            % {"count": len(header), "limit": MOST_COLUMNS}
        )
    if any(_A_VALUE.fullmatch(cell) or len(cell) > LONGEST_HEADER for cell in header):
        raise UnreadableFile(
            _(
                "The first row has to name the columns, for example “Name, Email, Phone”. "
                "Add such a row, then upload the file again."
            )
        )
    if len(header) == 1 and not targets[0]:
        raise UnreadableFile(
            _("This does not look like a CSV or vCard file: there is one column, “%(column)s”.")
            % {"column": header[0]}
        )
    named = [cell or _("Column %(n)s") % {"n": n} for n, cell in enumerate(header, 1)]
    return Source(format_of(header), encoding, delimiter, named, targets)
