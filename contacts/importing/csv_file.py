"""Reads CSV: comma, semicolon, tab or bar between the cells; quoted cells may hold new lines."""

import csv
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from django.utils.translation import gettext as _

from contacts.importing.columns import Mapping
from contacts.importing.records import LARGEST_CELL, LONGEST_LINE, MOST_COLUMNS, Record
from contacts.importing.text import UnreadableFile, is_damaged, mended

_DELIMITERS = ",;\t|"
_HINT = "sep="  # Excel's own first line
_END = "\0"  # read behind the last line, and no text holds it


def delimiter_of(lines: Iterable[str]) -> str:
    """Return the character that parts the first row into the most cells."""
    head = list(islice(lines, 20))
    if head and head[0].lower().startswith(_HINT):
        return head[0][len(_HINT) :][:1] or ","
    return max(_DELIMITERS, key=lambda each: _width(head, each))


def _width(head: list[str], delimiter: str) -> int:
    try:
        return len(next(_rows(head, delimiter), (1, []))[1])
    except UnreadableFile:  # said where all of it is read
        return 0


def rows(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line the row begins on, its cells) of all rows that hold anything, the header first.

    Raises UnreadableFile at a cell or a line that is too large, and where a quote has no end.
    """
    source = iter(lines)
    first = next(source, "")
    if first.lower().startswith(_HINT):
        yield from _rows(source, delimiter, start=2)
    else:
        yield from _rows(chain([first], source), delimiter)


def _rows(lines: Iterable[str], delimiter: str, start: int = 1) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(chain(_short_enough(lines, start), [_END]), delimiter=delimiter)
    line = start
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if cells and cells[-1].endswith(_END):
                if cells != [_END]:
                    raise _unclosed(line)
                return
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


def _unclosed(line: int) -> UnreadableFile:
    return UnreadableFile(
        _(
            "In the row on line %(line)s a quotation mark is never closed, so that all the rest of "
            "the file would be one cell. Correct that row, then upload the file again."
        )
        % {"line": line}
    )


def too_long(line: int) -> UnreadableFile:
    """Return what is said of a line that no CSV file has."""
    return UnreadableFile(
        _("Line %(line)s has more than 1 MB. This does not look like a CSV file.") % {"line": line}
    )


def _short_enough(lines: Iterable[str], start: int) -> Iterator[str]:
    for number, line in enumerate(lines, start):
        if len(line) >= LONGEST_LINE:
            raise too_long(number)
        yield line


def records(
    lines: Iterable[str], delimiter: str, columns: list[str], mapping: Mapping, skip: int = 0
) -> Iterator[Record]:
    """Yield each row below the header but the first `skip`; `mapping` says where columns go."""
    for line, cells in islice(rows(lines, delimiter), 1 + skip, None):
        damaged = is_damaged("".join(cells))
        if not damaged and not any(cells[len(columns) :]):
            yield Record(line, cells, mapping.values(cells))
            continue
        kept = [mended(cell) for cell in cells[:MOST_COLUMNS]]
        yield Record(line, kept, problem=_why(cells, columns, damaged))


def _why(cells: list[str], columns: list[str], damaged: bool) -> str:
    if damaged:
        return _("This row has bytes that are not UTF-8, unlike the rest of the file.")
    problem = _("This row has %(cells)s cells, but there are %(columns)s columns.") % {
        "cells": len(cells),
        "columns": len(columns),
    }
    if any("\n" in cell for cell in cells):
        problem += " " + _("Look for a quotation mark that is never closed.")
    return problem
