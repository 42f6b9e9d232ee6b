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


class Written:
    """A tracked row as its lines have it: only what a change sets is written down anew."""

    def __init__(self, row: Tracked) -> None:
        self._row, self._texts = row, dict[str, str]()
        self.take(names_of_values(type(row)))

    def take(self, changed: Iterable[str]) -> None:
        """Take over what the row holds now under these attribute names."""
        held, json_names = self._row.__dict__, _json_names(type(self._row))
        for name in changed:
            value = held[name]
            self._texts[name] = text(json.dumps(value) if name in json_names else value)

    def row(self) -> bytes:
        """Return the line of the row as it was taken last."""
        return self._line(type(self._row), ())

    def version(self, context: Context, verb: str, *, is_new: bool) -> bytes:
        """Return the line of the version that a change in this context has left."""
        change = text(context.clock()), text(context.actor_id), "+" if is_new else "~", verb
        return self._line(history(type(self._row)), change)

    def _line(self, model: type[Model], more: tuple[str, ...]) -> bytes:
        return f"{DELIMITER.join(_picking(model)(self._texts) + more)}\n".encode()


def line(values: Iterable[Any]) -> bytes:
    """Return values as a line, with its end."""
    return f"{_escaped(DELIMITER.join(map(_plain, values)))}\n".encode()


def text(value: Any) -> str:
    """Return a value as it stands in a line."""
    return _escaped(_plain(value))


def _plain(value: Any) -> str:
    return value if type(value) is str else _WRITE.get(type(value), str)(value)


def _escaped(value: str) -> str:
    if "\\" in value:
        value = value.replace("\\", r"\\")
    if "\n" in value or "\r" in value:
        value = value.replace("\n", r"\n").replace("\r", r"\r")
    return value


@cache
def names_of_values(model: type[Model]) -> list[str]:
    """Return the names under which a row of a model holds what its line does."""
    return [field.attname for field in columns(model)]


@cache
def _json_names(model: type[Model]) -> set[str]:
    return {field.attname for field in columns(model) if isinstance(field, JSONField)}


@cache
def _picking(model: type[Model]) -> Callable[[dict[str, str]], tuple[str, ...]]:
    return itemgetter(*names_of_values(model))


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
