"""Contacts that come in from a file, and events that go out into one."""

import csv
import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction

from bench.conductor import Conductor, Turn
from bench.contenders import ENTRIES
from bench.cpu import measured
from bench.median import summed
from bench.people import person
from bench.sizes import FOLDER, Sizes

TITLE = "Import of contacts, export of events"
COPY, PLAIN, IMPORT = "COPY, with a record", "csv and bulk_create, no record", "import_contacts"
READ, EXPORT = "COPY TO of the same events", "export_activity"
_COLUMNS = (
    *("given_name", "family_name", "organisation", "job_title", "emails", "phones", "street"),
    *("postal_code", "city", "country", "tags", "notes"),
)


def copies(raw: Any, count: int, turn: int) -> dict[str, float]:
    """Read the file and COPY its contacts into the table, with an entry for each."""
    with _file(count, turn) as path, measured() as spent, transaction.atomic():
        raw.create(_read(raw, path))
    return spent.per(count)


def inserts(bare: Any, count: int, turn: int) -> dict[str, float]:
    """Read the file and create its contacts by bulk_create."""
    with _file(count, turn) as path, measured() as spent, transaction.atomic():
        bare.create(_read(bare, path))
    return spent.per(count)


def imports(annals: Any, count: int, turn: int) -> dict[str, float]:
    """Import the file by Annals' command; raises where not all of it arrived."""
    before, said = annals.contacts.objects.count(), io.StringIO()
    with _file(count, turn) as path, measured() as spent, annals.acting():
        call_command("import_contacts", path, stdout=said, stderr=said)
    if annals.contacts.objects.count() != before + count:
        raise RuntimeError(said.getvalue())
    return spent.per(count)


def reads(annals: Any, turn: int) -> dict[str, float]:
    """COPY all events out as text."""
    with measured() as spent, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM activity_event")
        count = cursor.fetchone()[0]
        with (
            cursor.copy("COPY (SELECT * FROM activity_event ORDER BY id) TO STDOUT") as out,
            Path(os.devnull).open("wb") as file,
        ):
            for piece in out:
                file.write(piece)
    return spent.per(count)


def exports(annals: Any, turn: int) -> dict[str, float]:
    """Export all events by Annals' command, as NDJSON."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM activity_event")
        count = cursor.fetchone()[0]
    with io.TextIOWrapper(Path(os.devnull).open("wb")) as out, measured() as spent:
        call_command("export_activity", stdout=out, stderr=io.StringIO())
    return spent.per(count)


def conduct(conductor: Conductor, sizes: Sizes) -> dict[str, Any]:
    """Return what a contact costs that is imported, and an event that is exported."""
    arguments = {"count": sizes.moved}
    coming = {
        PLAIN: Turn("bare", "moving", "inserts", arguments),
        COPY: Turn("raw", "moving", "copies", arguments),
        IMPORT: Turn("annals", "moving", "imports", arguments),
    }
    going = {READ: Turn("annals", "moving", "reads"), EXPORT: Turn("annals", "moving", "exports")}
    figures = summed(conductor.rounds(coming, sizes.long_rounds), PLAIN)
    return figures | summed(conductor.rounds(going, sizes.long_rounds), READ)


def table(figures: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Return the heads and rows of a table."""
    who = {COPY: "raw", PLAIN: "bare", IMPORT: "annals", READ: "raw", EXPORT: "annals"}
    rows = [
        [
            f"{ENTRIES[who[name]].label.partition(' (')[0]}: {name}",
            f"{each['ratio']['median']:.2f} × {READ if name in (READ, EXPORT) else PLAIN}",
            f"{1 / each['cpu']['median']:,.0f}",
            f"{1 / each['wall']['median']:,.0f}",
        ]
        for name, each in figures.items()
        if "ratio" in each
    ]
    return ["what", "CPU", "each second of CPU", "each second passed"], rows


@contextmanager
def _file(count: int, turn: int) -> Iterator[Path]:
    """Write a file of new people, and take it away when the block ends."""
    with tempfile.NamedTemporaryFile("w", newline="", suffix=".csv", dir=FOLDER) as file:
        writer = csv.writer(file)
        writer.writerow(name.replace("_", " ") for name in _COLUMNS)
        for number in range(count):
            fields = person(10**6 + turn * count + number)
            values = (fields[name] for name in _COLUMNS)
            writer.writerow(each[0] if isinstance(each, list) else each for each in values)
        file.flush()
        yield Path(file.name)


def _read(contender: Any, path: Path) -> list[Any]:
    """Return the file's contacts, not yet saved."""
    lists = {"emails", "phones", "tags"}
    with path.open(newline="") as file:
        return [
            contender.contacts(**{
                name: [value] if name in lists else value
                for name, value in zip(_COLUMNS, row, strict=True)
            })
            for row in list(csv.reader(file))[1:]
        ]  # fmt: skip
