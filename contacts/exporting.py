"""Contacts on their way out as a file: which ones, in which form, written while it is sent."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.dispatch import Signal
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from contacts import vcard
from contacts.filtering import NOBODY, ContactFilter
from contacts.models import Contact
from contacts.spreadsheet import csv_lines

# Sent with `pk`, `form`, `total` and `filters` (in words) before the first contact leaves.
contacts_exported = Signal()

BATCH = 1_000  # contacts read at once
_UUID = 16  # octets
# What a file of ours tells of a contact, and an import takes back.
WRITTEN = (
    *("honorific", "given_name", "middle_name", "family_name", "suffix", "organisation"),
    *("job_title", "emails", "phones", "website", "street", "postal_code", "city", "region"),
    *("country", "tags", "notes"),
)
_KEPT = ("external_ids", "do_not_contact_at", "archived_at", "created_at", "last_activity_at")


class Chosen:
    """Contacts fixed at one moment and in one order; read a batch at a time as they are by then.

    Of each only its id is kept, in 16 octets, so that a million of them fit into little memory and
    no transaction stays open for as long as somebody's line is slow. What was deleted in the
    meantime is left out.
    """

    def __init__(self, contacts: QuerySet) -> None:
        ids = contacts.values_list("pk", flat=True).iterator(chunk_size=10_000)
        self._ids = b"".join(pk.bytes for pk in ids)

    def __len__(self) -> int:
        return len(self._ids) // _UUID

    def batches(self, *names: str) -> Iterator[list[tuple[Any, ...]]]:
        """Yield (id, value of each named field ...) of the contacts, BATCH of them at a time."""
        for start in range(0, len(self._ids), BATCH * _UUID):
            part = self._ids[start : start + BATCH * _UUID]
            ids = [UUID(bytes=part[at : at + _UUID]) for at in range(0, len(part), _UUID)]
            # As one array: thousands of parameters take psycopg as long as the query takes.
            wanted = RawSQL("SELECT unnest(%s::uuid[])", [ids])
            rows = Contact.objects.filter(pk__in=wanted).order_by().values_list("pk", *names)
            found = {row[0]: row for row in rows}
            yield [found[pk] for pk in ids if pk in found]


class Form(NamedTuple):
    """A form that contacts are exported in: how people call it, and how it is written."""

    label: str
    extension: str
    content_type: str
    write: Any


def in_words(asked: ContactFilter) -> str:
    """Return what the list was narrowed by; empty for the active contacts, which it begins with.

    What was searched for is not repeated: it may name somebody, and is kept where no contact's
    deletion would find it.
    """
    said = [
        asked.q and _("with certain words"),
        asked.status == "archived" and _("archived"),
        asked.status == "all" and _("archived ones too"),
        asked.tag and _("tag: %(tag)s") % {"tag": asked.tag},
        asked.owner == NOBODY and _("without owner"),
        asked.owner and asked.owner != NOBODY and _("owner: %(owner)s") % {"owner": asked.owner},
    ]
    return "; ".join(filter(None, said))


def spreadsheet(chosen: Chosen) -> Iterator[bytes]:
    """Yield contacts as CSV: a column for each field, the values of a list parted by semicolons.

    An import takes back what is in it. Times are in the zone that is in force where this is called.
    """
    labels = [*(_label(name) for name in (*WRITTEN, "owner", *_KEPT)), _("Id")]
    owners = {user.pk: str(user) for user in get_user_model().objects.all()}
    zone = timezone.get_current_timezone()

    def cell(value: Any) -> str:
        if isinstance(value, list):
            return "; ".join(value)
        return value.astimezone(zone).isoformat(timespec="seconds") if value else ""

    def rows() -> Iterator[Sequence[str]]:
        yield labels
        for batch in chosen.batches(*WRITTEN, *_KEPT, "owner"):
            for pk, *values, owner in batch:
                texts = [value if isinstance(value, str) else cell(value) for value in values]
                texts.insert(len(WRITTEN), owners.get(owner, ""))
                yield [*texts, str(pk)]

    return _gathered(csv_lines(rows()))


def cards(chosen: Chosen) -> Iterator[bytes]:
    """Yield contacts as vCards 4.0, one below the other."""
    return _gathered(_cards(chosen))


def _cards(chosen: Chosen) -> Iterator[str]:
    names = (*WRITTEN, "last_activity_at")
    contact = Contact()
    for batch in chosen.batches(*names):
        for pk, *values in batch:
            # One instance for all: making each of them takes longer than writing its card.
            vars(contact).update(zip(names, values, strict=True), id=pk)
            yield vcard.write(contact)


def _gathered(texts: Iterator[str]) -> Iterator[bytes]:
    """Yield the texts in pieces of some size: each piece costs the server a call."""
    held: list[str] = []
    for text in texts:
        held.append(text)
        if len(held) == BATCH:
            yield "".join(held).encode("utf-8", "replace")
            held = []
    yield "".join(held).encode("utf-8", "replace")


def _label(name: str) -> str:
    return str(capfirst(Contact._meta.get_field(name).verbose_name))


FORMS = {
    "csv": Form("CSV", "csv", "text/csv; charset=utf-8", spreadsheet),
    "vcard": Form("vCard", "vcf", f"{vcard.TYPE}; charset=utf-8", cards),
}
