"""Events as CSV: the columns that people read, for a spreadsheet.

There is nothing in it but a line of headings and a line for each event. A checkpoint below them
would be sorted, filtered and counted as if it were an event, and is refused by programs that expect
each line to have the same columns; it is shown beside the file and kept with its fingerprint.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import orjson
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext as _

from activity.export.records import Record
from activity.log.filters import LABELS, SOURCES
from contacts.models import Contact
from contacts.spreadsheet import safe_cell

MARK = "\ufeff"  # by which Excel knows UTF-8
# What of a payload stands in columns of its own, or says nothing to people.
_ELSEWHERE = frozenset({"actor", "changes", "row_version"})
_NAMED = ("honorific", "given_name", "family_name", "suffix", "organisation", "emails", "phones")


class Spreadsheet:
    """Writes events as CSV; `with_client` adds the address and browser each came from.

    Words are in the language, times in the zone that is in force when it is made.
    """

    content_type = "text/csv; charset=utf-8"

    def __init__(self, with_client: bool) -> None:
        self.with_client = with_client
        self._title = cache(lambda verb: str(LABELS.get(verb, verb)))
        self._source = cache(lambda channel: str(SOURCES.get(channel, channel)))
        self._zone = timezone.get_current_timezone()
        self._system, self._erased = _("Annals"), _("Personal data erased")

    def head(self) -> bytes:
        """Return the line of headings."""
        headings = [
            _("Entry"),
            _("When"),
            _("Who"),
            _("What"),
            _("Contact"),
            _("Changes"),
            _("Details"),
            _("Source"),
            *([_("Address"), _("Browser")] if self.with_client else []),
            _("Verb"),
            _("Contact’s id"),
            _("About"),
            _("Id of what it is about"),
            _("Id"),
            _("Sealed as"),
            _("Fingerprint"),
        ]
        return MARK.encode() + _written([headings])

    def lines(self, records: Sequence[Record]) -> bytes:
        """Return a line for each record."""
        names = _names({record.contact for record in records if record.contact})
        return _written([self._row(record, names) for record in records])

    def tail(self, checkpoint: str, count: int) -> bytes:
        """Return what stands below the events: nothing."""
        return b""

    def _row(self, record: Record, names: dict[str, str]) -> list[object]:
        payload = orjson.loads(record.payload) if record.payload else {}
        actor = payload.get("actor") or (self._system if record.actor_type == "system" else "")
        details = _details(payload) if record.payload else self._erased
        row = [
            record.number,
            record.occurred.astimezone(self._zone).isoformat(timespec="seconds"),
            safe_cell(actor),
            self._title(record.verb),
            safe_cell(names.get(record.contact, "")),
            safe_cell("; ".join([_change(change) for change in payload.get("changes") or ()])),
            safe_cell(details),
            self._source(record.source),
            record.verb,
            record.contact,
            record.object_type,
            record.object,
            record.uid,
            record.leaf,
            bytes(record.commitment).hex(),
        ]
        if self.with_client:
            client = orjson.loads(record.client) if record.client else {}
            row[8:8] = [client.get("address"), safe_cell(client.get("browser", ""))]
        return row


def _written(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


def _names(ids: set[str]) -> dict[str, str]:
    """Return {id: what the contact is called now}; one that was deleted is not among them."""
    names, contact = {}, Contact()
    # As one array: thousands of parameters take psycopg as long to put in as the query takes.
    wanted = RawSQL("SELECT unnest(%s::uuid[])", [list(ids)])
    rows = Contact.objects.filter(pk__in=wanted).order_by().values_list("pk", *_NAMED)
    for pk, *values in rows:
        # One instance for all: making each of them takes as long as writing its line.
        vars(contact).update(zip(_NAMED, values, strict=True))
        names[str(pk)] = contact.name
    return names


def _change(change: dict[str, Any]) -> str:
    old, new = _text(change.get("old")), _text(change.get("new"))
    return f"{change.get('label', '')}: {old or '–'} → {new or '–'}"


def _details(payload: dict[str, Any]) -> str:
    told = [(name, _text(value)) for name, value in payload.items() if name not in _ELSEWHERE]
    return "; ".join([f"{name}: {text}" for name, text in told if text])


def _text(value: Any) -> str:
    """Return a value of a payload as people read it; what has parts of its own, as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ", ".join(filter(None, map(_text, value)))
    if isinstance(value, dict):
        return orjson.dumps(value).decode()
    return "" if value is None else str(value)
