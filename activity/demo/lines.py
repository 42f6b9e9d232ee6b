"""Rows as lines of PostgreSQL's COPY, in its text format."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db.models import Field, JSONField, Model

from activity.context import Context
from contacts.models import Tracked

# Neither stands in any text, so that nothing has to be looked for it.
DELIMITER, NULL = "\x1f", "\x1e"
_VERSION = ("history_date", "history_user_id", "history_type", "history_change_reason")


@cache
def history(model: type[Tracked]) -> type[Model]:
    """Return the model of a tracked model's versions, which takes simple-history a while."""
    return model.history.model


@cache
def columns(model: type[Model]) -> list[Field]:
    """Return what a line of a model holds, but for what versions have besides their row."""
    if hasattr(model, "tracked_fields") and hasattr(model, "instance_type"):
        return list(model.tracked_fields)
    return [field for field in model._meta.concrete_fields if not field.generated]


def names(model: type[Model]) -> list[str]:
    """Return the names of the columns of a model's lines."""
    more = _VERSION if hasattr(model, "instance_type") else ()
    return [*(field.column for field in columns(model)), *more]


def row_line(row: Tracked) -> bytes:
    """Return a row as it is now."""
    return line(_values(row, type(row)))


def version_line(row: Tracked, context: Context, verb: str, *, is_new: bool) -> bytes:
    """Return the version of a row that a change in this context leaves."""
    change = [context.clock(), context.actor_id, "+" if is_new else "~", verb]
    return line(_values(row, history(type(row))) + change)


def line(values: Iterable[Any]) -> bytes:
    """Return values as a line, with its end."""
    text = DELIMITER.join([
        value if type(value) is str else _WRITE.get(type(value), str)(value) for value in values
    ])  # fmt: skip
    if "\\" in text:
        text = text.replace("\\", r"\\")
    return text.replace("\n", r"\n").replace("\r", r"\r").encode() + b"\n"


def _values(row: Tracked, model: type[Model]) -> list[Any]:
    pick, places = _picking(model)
    values = list(pick(row.__dict__))
    for place in places:
        values[place] = json.dumps(values[place])
    return values


@cache
def _picking(model: type[Model]) -> tuple[Callable[[dict[str, Any]], tuple[Any, ...]], list[int]]:
    """Return what takes a line's values out of a row, and which of them are JSON."""
    fields = columns(model)
    places = [place for place, field in enumerate(fields) if isinstance(field, JSONField)]
    return itemgetter(*(field.attname for field in fields)), places


def _array(value: list[str]) -> str:
    quoted = (each.replace("\\", r"\\").replace('"', r"\"") for each in value)
    return "{" + ",".join([f'"{each}"' for each in quoted]) + "}"


_WRITE: dict[type, Callable[[Any], str]] = {
    type(None): lambda _value: NULL,
    bool: str,
    bytes: lambda value: rf"\x{value.hex()}",
    datetime: datetime.isoformat,
    int: str,
    list: _array,
    UUID: lambda value: value.hex,
}
