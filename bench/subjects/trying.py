"""Which ways to change a contact are recorded, not recorded, or refused: found out by trying.

Everybody connects as a superuser here, who owns the tables, as most applications do: what is
refused is refused by the database, not for want of a right. Triggers can be taken away by who owns
the tables; what follows from that is not tried.
"""

from collections.abc import Callable
from typing import Any

from django.db import Error, connection, transaction

from bench.conductor import Conductor
from bench.contenders import ENTRIES
from bench.people import person
from bench.sizes import Sizes

TITLE = "Ways to change a contact, tried"
RECORDED, SILENT, REFUSED = "recorded", "no trace", "refused"


def tries(contender: Any) -> dict[str, str]:
    """Try each way on a contact of its own, and return what became of it."""
    outcomes = {name: _try(contender, way) for name, way in WAYS.items()}
    return outcomes | {name: _forge(contender, verb) for name, verb in FORGERIES.items()}


def conduct(conductor: Conductor, sizes: Sizes) -> dict[str, Any]:
    """Return {contender: {way: outcome}}."""
    return conductor.ask_all("trying", "tries")


def table(figures: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Return the heads and rows of a table."""
    names = [name for name in ENTRIES if name in figures and name not in ("bare", "narrow")]
    ways = [*WAYS, *FORGERIES]
    rows = [[way, *(figures[name][way] for name in names)] for way in ways]
    return ["what", *(ENTRIES[name].label for name in names)], rows


def _save(contender: Any, contact: Any) -> None:
    contact.city = "Elsewhere"
    contender.save(contact)


def _bulk_create(contender: Any, contact: Any) -> Any:
    [made] = contender.contacts.objects.bulk_create([contender.contacts(**person(1))])
    return made.pk


def _update(contender: Any, contact: Any) -> None:
    contender.contacts.objects.filter(pk=contact.pk).update(city="Elsewhere")


def _bulk_update(contender: Any, contact: Any) -> None:
    contact.city = "Elsewhere"
    contender.contacts.objects.bulk_update([contact], ["city"])


def _delete(contender: Any, contact: Any) -> None:
    contender.contacts.objects.filter(pk=contact.pk).delete()


def _insert(contender: Any, contact: Any) -> Any:
    """Copy the contact's row."""
    fields = contender.contacts._meta.concrete_fields
    columns = [field.column for field in fields if not field.generated and not field.primary_key]
    listed = ", ".join(columns)
    return _sql(
        f"INSERT INTO {{table}} (id, {listed}) SELECT gen_random_uuid(), {listed}"  # noqa: S608
        " FROM {table} WHERE id = %s RETURNING id"
    )(contender, contact)


def _sql(statement: str) -> Callable[[Any, Any], Any]:
    def run(contender: Any, contact: Any) -> Any:
        table = contender.contacts._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(statement.format(table=table), [contact.pk])
            return cursor.fetchone()[0] if cursor.description else None

    return run


WAYS: dict[str, Callable[[Any, Any], Any]] = {
    "save": _save,
    "bulk_create": _bulk_create,
    "QuerySet.update": _update,
    "bulk_update": _bulk_update,
    "QuerySet.delete": _delete,
    "SQL INSERT": _insert,
    "SQL UPDATE": _sql("UPDATE {table} SET city = 'Elsewhere' WHERE id = %s"),
    "SQL DELETE": _sql("DELETE FROM {table} WHERE id = %s"),
}
FORGERIES = {
    "change an entry (SQL)": "UPDATE {log} SET {column} = {column} WHERE {object}::text = %s",
    "delete an entry (SQL)": "DELETE FROM {log} WHERE {object}::text = %s",
}


def _try(contender: Any, way: Callable[[Any, Any], Any]) -> str:
    """Return what becomes of a change made that way to a new contact."""
    contact = _new(contender)
    before = contender.records([contact.pk])
    try:
        with contender.acting(), transaction.atomic():
            other = way(contender, contact)
    except Error:
        return REFUSED
    if other:
        return RECORDED if contender.records([other]) else SILENT
    return RECORDED if contender.records([contact.pk]) > before else SILENT


def _forge(contender: Any, statement: str) -> str:
    """Return what becomes of an entry that somebody changes or deletes afterwards."""
    contact = _new(contender)
    with contender.acting(), transaction.atomic():
        _save(contender, contact)
    if not contender.records([contact.pk]):
        return "no entry"
    names = {"log": contender.log, "object": contender.log_object, "column": contender.log_object}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(**names), [str(contact.pk)])
    except Error:
        return REFUSED
    return "done"


def _new(contender: Any) -> Any:
    contact = contender.contacts(**person(0))
    with contender.acting(), transaction.atomic():
        contender.create([contact])
    return contender.contacts.objects.get(pk=contact.pk)
