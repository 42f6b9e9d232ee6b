"""Annals' contact as Python source, so that all others have the very same columns and indexes.

The process of Annals writes it, before the others start; bench/peers/models.py takes it in. So
nobody has to keep a copy of the model up to date.
"""

import re
from pathlib import Path
from typing import Any

from django.db import connection, models
from django.db.migrations.writer import MigrationWriter

MODULE = "annals_columns"
# What the generated columns are made by, in the order in which they need each other.
FUNCTIONS = ("annals_fold", "annals_search", "annals_sort_name")


def write(folder: Path, model: type[models.Model]) -> None:
    """Write the module `annals_columns` to a folder: FIELDS, META, UNRECORDED and SQL."""
    imports: set[str] = set()

    def source(value: Any) -> str:
        text, needed = MigrationWriter.serialize(value)
        imports.update(needed)
        return text

    fields = {_column(each): source(_alone(each)) for each in model._meta.concrete_fields}
    meta = {
        "indexes": [source(index) for index in model._meta.indexes],
        "constraints": [source(each) for each in model._meta.constraints],
    }
    recorded = {each.name for each in model.history.model.tracked_fields}
    unrecorded = sorted(f.name for f in model._meta.concrete_fields if f.name not in recorded)
    lines = [
        f'"""The columns of {model._meta.label}, written by bench/columns.py."""',
        *sorted({each.removesuffix(" # noqa") for each in imports} | {_IMPORT}),
        "FIELDS = {",
        *(f"    {name!r}: {text}," for name, text in fields.items()),
        "}",
        "META = {",
        *(f"    {name!r}: [{', '.join(texts)}]," for name, texts in meta.items()),
        "}",
        f"UNRECORDED = {unrecorded!r}",
        f"SQL = {_functions()!r}",
    ]
    (folder / f"{MODULE}.py").write_text("\n".join(lines) + "\n")


_IMPORT = "from django.db import models"


def _column(field: models.Field) -> str:
    return field.name if isinstance(_alone(field), models.ForeignKey) else field.attname


def _alone(field: models.Field) -> models.Field:
    """Return the field; of a link to anything but a user, its column only."""
    if not field.is_relation or field.related_model._meta.label == "accounts.User":
        return field
    plain = type(field.target_field)(null=field.null, blank=True, db_index=field.db_index)
    plain.name = plain.attname = field.attname
    return plain


def _functions() -> str:
    """Return the SQL that makes the functions and extensions which the columns need."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'")
        made = [f"CREATE EXTENSION IF NOT EXISTS {name}" for (name,) in cursor.fetchall()]
        for name in FUNCTIONS:
            cursor.execute("SELECT pg_get_functiondef(%s::regproc)", [name])
            made.append(re.sub(r"\s+$", "", cursor.fetchone()[0]))
    return ";\n".join(made)
