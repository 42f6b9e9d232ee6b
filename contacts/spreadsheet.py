"""CSV files that people open in a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator
from typing import TypeVar

from django.utils import timezone, translation

T = TypeVar("T")

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """A file that hands back what is written into it."""

    def write(self, line: str) -> str:
        return line


def safe_cell(text: object) -> str:
    """Return a cell's text, with an apostrophe before what a spreadsheet would run as a formula."""
    cell = str(text)
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def told_as_here(rows: Iterable[T]) -> Iterator[T]:
    """Return the rows, each made in the language and time zone that are in force in this call.

    What is streamed is made after the request, whose own are no longer in force then.
    """
    language, zone = translation.get_language(), timezone.get_current_timezone()

    def made() -> Iterator[T]:
        coming = iter(rows)
        while True:
            with translation.override(language), timezone.override(zone):
                try:
                    row = next(coming)
                except StopIteration:
                    return
            yield row

    return made()


def csv_lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield the rows as lines of CSV, one at a time, after the mark by which Excel knows UTF-8."""
    writer = csv.writer(_Echo())
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([safe_cell(cell) for cell in row])
