"""Queries that pages ask all the time, put together by Django once for each process.

Django takes longer to put such a query together than PostgreSQL to answer it.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast
from uuid import UUID, uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import connections, models
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import F, Func, Value
from django.db.models.query import get_related_populators


def any_of(ids: Iterable[UUID]) -> Func:
    """Return the condition that a row's id is one of several, which are one value of the query."""
    return Func(
        F("pk"),
        Value(list(ids), output_field=ArrayField(models.UUIDField())),
        template="%(expressions)s)",
        arg_joiner=" = ANY(",
        output_field=models.BooleanField(),
    )


class Composed:
    """A query of rows whose text is made once for each shape, and asked with other values."""

    def __init__(self, build: Callable[..., models.QuerySet], *, planned: bool = True) -> None:
        """`build(*shape, *values)` returns the queryset.

        All that differs between two times that it is asked is a value or part of the shape: of the
        time, for example, it may know nothing else. It is also `planned` by the database but once,
        whatever the values; not so where the best plan depends on them.
        """
        self._build, self._planned = build, planned
        self._statements: dict[Any, _Statement] = {}

    def ask(self, *values: Any, shape: tuple[Any, ...] = ()) -> list[Any]:
        """Return the rows. A value is a UUID, a number, or a list of UUIDs.

        `shape` is whatever else the text of the query depends on; there must be few of them.
        """
        statement = self._statements.get((shape, len(values)))
        if statement is None:
            stand_ins = [_stand_in(value) for value in values]
            statement = _Statement(self._build(*shape, *stand_ins), stand_ins, self._planned)
            self._statements[shape, len(values)] = statement
        return statement.rows(values)


class _Statement:
    """The text of a query, where its values go, and how rows are made of what it finds."""

    def __init__(self, queryset: models.QuerySet, stand_ins: list[Any], planned: bool) -> None:
        self._queryset, self._planned = queryset, planned
        compiler = queryset.query.get_compiler(using=queryset.db)
        self._sql, params = compiler.as_sql()
        self._params = list(params)
        self._places = [
            (place, stand_ins.index(param))
            for place, param in enumerate(params)
            if param in stand_ins
        ]
        if {which for _place, which in self._places} != set(range(len(stand_ins))):
            raise ValueError(f"A value of this query does not stand in it as it is: {self._sql}")
        info = compiler.klass_info
        self._select, self._info = compiler.select, info
        first, last = info["select_fields"][0], info["select_fields"][-1]
        self._own = slice(first, last + 1)
        self._names = [column[0].target.attname for column in compiler.select[self._own]]
        self._annotations = list((compiler.annotation_col_map or {}).items())
        expressions = [column[0] for column in compiler.select[: compiler.col_count]]
        self._converters = compiler.get_converters(expressions)
        self._convert = compiler.apply_converters

    def rows(self, values: Sequence[Any]) -> list[Any]:
        params = self._params.copy()
        for place, which in self._places:
            params[place] = values[which]
        alias = self._queryset.db  # a replica, where that may be read
        found = self._read(alias, params)
        if self._converters:
            found = self._convert(found, self._converters)
        populators: Any = get_related_populators  # its types are those of a later Django
        related = populators(self._info, self._select, alias)
        return [self._row(alias, row, related) for row in found]

    def _read(self, alias: str, params: list[Any]) -> Iterable[Sequence[Any]]:
        with self._cursor(connections[alias]) as cursor:
            cursor.execute(self._sql, params)
            return cursor.fetchall()

    def _cursor(self, connection: Any) -> Any:
        # Django's own cursors put values into the text, which is planned each time. But what was
        # planned before has no text to show to whoever looks at queries.
        if not self._planned or connection.queries_logged:
            return connection.cursor()
        connection.ensure_connection()
        return connection._prepare_cursor(cast(Any, ServerBindingCursor)(connection.connection))

    def _row(self, alias: str, row: Sequence[Any], related: Iterable[Any]) -> Any:
        made = self._queryset.model.from_db(alias, self._names, row[self._own])
        for populator in related:
            populator.populate(row, made)
        for name, position in self._annotations:
            setattr(made, name, row[position])
        return made


def _stand_in(value: Any) -> Any:
    """Return a value of the same type that stands nowhere else in a query."""
    if isinstance(value, list):
        return [uuid4()]
    return uuid4() if isinstance(value, UUID) else uuid4().int >> 66
