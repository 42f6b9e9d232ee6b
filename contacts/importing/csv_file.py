"""Reads CSV: comma, semicolon, tab or bar between the cells; quoted cells may hold new lines."""

import csv
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from django.utils.translation import gettext as _

from contacts.importing.columns import Mapping
from contacts.importing.records import LARGEST_CELL, LONGEST_LINE, Record
from contacts.importing.text import UnreadableFile

_DELIMITERS = ",;\t|"
_HINT = "sep="  # Excel's own first line


def delimiter_of(lines: Iterable[str]) -> str:
    """Return the character that parts the first row into the most cells."""
    head = list(islice(lines, 20))
    if head and head[0].lower().startswith(_HINT):
        return head[0][len(_HINT) :][:1] or ","
    return max(_DELIMITERS, key=lambda each: len(next(_rows(head, each), (1, []))[1]))


def rows(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line the row begins on, its cells) of all rows that hold anything, the header first.

    Raises UnreadableFile at a cell or a line that is too large.
    """
    source = iter(lines)
    first = next(source, "")
    if first.lower().startswith(_HINT):
        yield from _rows(source, delimiter, start=2)
    else:
        yield from _rows(chain([first], source), delimiter)


def _rows(lines: Iterable[str], delimiter: str, start: int = 1) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(_short_enough(lines, start), delimiter=delimiter)
    line = start
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if max(map(len, cells), default=0) > LARGEST_CELL:
                raise csv.Error
            if any(cells):
                yield line, cells
            line = start + reader.line_num
    except csv.Error:
        raise UnreadableFile(
            _(
                "The row on line %(line)s has a cell of more than 100 kB. "
                "Look for a quotation mark that is never closed, then upload the file again."
            )
            % {"line": line}
        ) from None


def _short_enough(lines: Iterable[str], start: int) -> Iterator[str]:
    for number, line in enumerate(lines, start):
        if len(line) >= LONGEST_LINE:
            raise UnreadableFile(
                _("Line %(line)s has more than 1 MB. This does not look like a CSV file.")
                % {"line": number}
            )
        yield line


def records(
    lines: Iterable[str], delimiter: str, columns: list[str], targets: list[str]
) -> Iterator[Record]:
    """Yield each row below the header; `targets` says where each column goes."""
    mapping = Mapping(columns, targets)
    for line, cells in islice(rows(lines, delimiter), 1, None):
        if any(cells[len(columns) :]):
            problem = _("This row has %(cells)s cells, but there are %(columns)s columns.") % {
                "cells": len(cells),
                "columns": len(columns),
            }
            yield Record(line, cells, problem=problem)
        else:
            yield Record(line, cells, mapping.values(cells))
