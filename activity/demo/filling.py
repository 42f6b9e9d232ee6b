"""Takes what lives have left up from the disk, and writes it: each stretch is one transaction.

The database checks all of it as ever: its guards are on, and each row comes with an event.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import accumulate, groupby
from pathlib import Path

from django.db import connection, transaction
from django.db.models import ForeignKey, IntegerField, Model, UUIDField

from activity.demo.lines import DELIMITER, NULL, names
from activity.demo.spool import EVENT_COLUMNS, MODELS, ORIGIN_COLUMNS, entries
from activity.models import ActivityEvent, ActivityOrigin

# Looked up for each row that is written; all others are quicker made at the end than kept.
NEEDED = ("event_by_object", "%_version")

_INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
JOIN pg_class ON pg_class.oid = indexrelid
WHERE indrelid = ANY(%s::regclass[]) AND NOT indisunique AND NOT relname LIKE ANY(%s)
ORDER BY pg_relation_size(indrelid) DESC
"""
_FILLED = (*MODELS, ActivityOrigin)
_KEYS = (ForeignKey, IntegerField, UUIDField)
_FORMAT = f"(DELIMITER '{DELIMITER}', NULL '{NULL}')"
_RESERVE = """
SELECT setval(sequence, greatest(nextval(sequence), 1) + %s) - %s
FROM pg_get_serial_sequence('activity_event', 'id') AS sequence
"""


class Filling:
    """What is to be written: `events` of each stretch, and `kept` rows beside the lines."""

    def __init__(self, folder: Path, events: list[int], kept: dict[int, list[Model]]) -> None:
        self._folder, self._events, self._kept = folder, events, kept

    def write(self, writers: int) -> None:
        """Write it all; with several writers, they commit one after the other.

        So an event's number says when it happened, and whatever a row refers to is there.
        """
        firsts = accumulate(self._events, initial=self._reserve())
        stretches = list(zip(range(len(self._events)), firsts, strict=False))
        if writers == 1:
            for stretch, first in stretches:
                self._write(stretch, first, None)
            return
        with aside(), ThreadPoolExecutor(writers) as pool:
            before: Future[None] | None = None
            for stretch, first in stretches:
                before = pool.submit(self._write_beside, stretch, first, before)
            if before:
                before.result()

    def _reserve(self) -> int:
        """Return the first of so many numbers that nobody else takes."""
        total = sum(self._events)
        with connection.cursor() as cursor:
            cursor.execute(_RESERVE, [total, total])
            return cursor.fetchone()[0]

    def _write_beside(self, stretch: int, first: int, before: Future[None] | None) -> None:
        try:
            self._write(stretch, first, before)
        finally:
            connection.close()

    @transaction.atomic
    def _write(self, stretch: int, first: int, before: Future[None] | None) -> None:
        for row in self._kept.get(stretch, ()):
            row.save_base(raw=True, force_insert=True)  # its event stands with the others
        origins = {}
        for number, group in groupby(entries(self._folder, stretch), key=lambda each: each.model):
            model, found = MODELS[number], list(group)
            if model is ActivityEvent:
                origins = {entry.origin: entry.origin_line for entry in found}
                lines = [
                    b"%d\x1f1\x1f%b" % (first + at, each.line) for at, each in enumerate(found)
                ]
                _copy(model, ["id", "version", *EVENT_COLUMNS], lines)
            else:
                _copy(model, names(model), [entry.line for entry in found])
        _copy(ActivityOrigin, ORIGIN_COLUMNS, origins.values())
        if before:
            before.result()
        if stretch.bit_count() == 1:  # the plans for the tables as they were no longer fit
            _analyse()


def _copy(model: type[Model], columns: Iterable[str], lines: Iterable[bytes]) -> None:
    statement = f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN {_FORMAT}"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(b"".join(lines))


def _analyse() -> None:
    """Look at the columns by which guards find rows; reading the others takes far longer."""
    tables = ", ".join(f"{model._meta.db_table} ({', '.join(_keys(model))})" for model in _FILLED)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {tables}")


def _keys(model: type[Model]) -> list[str]:
    fields = model._meta.concrete_fields
    return [field.column for field in fields if isinstance(field, _KEYS) and not field.generated]


def is_half_done() -> bool:
    """Tell whether a filling was killed here: some of the indexes put aside are still missing."""
    wanted = {index.name for model in _FILLED for index in model._meta.indexes}
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname = ANY(%s)", [list(wanted)])
        return len(cursor.fetchall()) < len(wanted)


@contextmanager
def aside() -> Iterator[None]:
    """Do without most indexes of the tables that are filled, and make them anew in the end."""
    tables = [model._meta.db_table for model in _FILLED]
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES, [tables, list(NEEDED)])
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        try:
            yield
        finally:
            cursor.execute("SET maintenance_work_mem = '512MB'")
            for _name, definition in indexes:
                cursor.execute(definition)
            cursor.execute("ANALYZE")
