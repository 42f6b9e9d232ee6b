"""A contact's history to hand over: as a sheet of paper and as a CSV file, both of one print."""

import datetime
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import QueryDict
from django.utils import timezone, translation

from activity.history import record, versions
from activity.history.filters import RecordFilters
from activity.history.record import Entry
from activity.history.versions import Difference, Pair, Side
from activity.models import ActivityEvent, Checkpoint
from activity.recording import Draft, write
from contacts.models import Contact
from contacts.spreadsheet import csv_lines

# Names and not words: the file is the same to the byte, whoever writes it again, and when.
COLUMNS = (
    *("entry", "uid", "occurred_at", "recorded_at", "source"),
    *("actor_type", "actor_id", "actor", "verb", "object_type", "object_id", "version"),
    *("field", "label", "before", "after", "details", "mails"),
)
VERB, FORMAT = "export.created", "handover"


@dataclass(frozen=True)
class Handover:
    """What was asked for, and up to which event: enough to write the same at any time."""

    contact: Contact
    viewer: Any
    query: str
    zone: str
    up_to: int
    made_at: datetime.datetime
    ids: Sequence[Any] = ()  # of the contact and what had been merged into it by then
    event: ActivityEvent | None = None  # the one that notes it, once it was made

    @classmethod
    def made(cls, contact: Contact, event: ActivityEvent, viewer: Any) -> "Handover":
        """Return the handover that an event of the contact notes."""
        told = {name: event.payload[name] for name in ("query", "zone", "up_to")}
        ids = event.payload.get("contacts", [contact.pk])
        return cls(contact, viewer, made_at=event.occurred_at, ids=ids, event=event, **told)

    @classmethod
    def make(cls, contact: Contact, viewer: Any, query: QueryDict, pk: UUID) -> ActivityEvent:
        """Note that the history as filtered is handed over; return the event that says so.

        `pk` is the id that the form carried: sent twice, it is one handover. Call it with the
        contact locked.
        """
        key = f"{FORMAT}-{contact.pk}-{pk}"
        there = ActivityEvent.objects.filter(dedup_key=key).first()
        if there:
            return there
        ids = contact.all_ids
        newest = ActivityEvent.objects.of(*ids).values_list("pk", flat=True)[0]
        zone = timezone.get_current_timezone_name()
        new = cls(contact, viewer, query.urlencode(), zone, newest, timezone.now(), ids)
        checkpoint = Checkpoint.objects.order_by("-epoch", "-size").first()
        payload = {
            "name": str(contact),
            "format": FORMAT,
            "events": new.events.count(),
            "query": new.query,
            "zone": zone,
            "up_to": newest,
            **({"contacts": list(map(str, ids))} if contact.merged_ids else {}),
            "seen_version": contact.version,
            "sha256": new.fingerprint,
            "checkpoint": checkpoint.note if checkpoint else "",
        }
        [number] = write([Draft(VERB, contact.noun, contact.pk, contact.pk, payload, key)])
        return ActivityEvent.objects.get(pk=number)

    @cached_property
    def filters(self) -> RecordFilters:
        """Return what was asked for, as far as the viewer may see it."""
        return RecordFilters.asked(QueryDict(self.query), self.viewer)

    @property
    def events(self) -> Any:
        """Return the events in it."""
        # A day that was asked for is one of the zone in which it was asked.
        with timezone.override(ZoneInfo(self.zone)):
            return record.wanted(self.contact, self.filters, self.ids).filter(id__lte=self.up_to)

    @property
    def facts(self) -> Sequence[Difference]:
        """Return all that the contact held then, with nothing before it."""
        row = self.contact.history.get(version=self.event.payload["seen_version"])
        pair = Pair(Contact, None, row)
        return versions.differences(pair, versions.people_in([pair]))

    def batches(self, *, by_name: bool = True) -> Iterator[list[Entry]]:
        """Yield its entries, oldest first, as the viewer may see them."""
        return record.batches(self.contact, self.events, self.filters, by_name=by_name)

    def lines(self) -> Iterator[str]:
        """Yield the lines of the CSV file."""
        return csv_lines(self._rows())

    @cached_property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the CSV file, in hexadecimal."""
        digest = hashlib.sha256()
        for line in self.lines():
            digest.update(line.encode())
        return digest.hexdigest()

    @property
    def file_name(self) -> str:
        """Return what the CSV file is called: by the contact and its fingerprint."""
        return f"history-{self.contact.pk}-{self.event.payload['sha256'][:12]}.csv"

    @property
    def is_as_made(self) -> bool:
        """Tell whether the file written now is the one that was made."""
        return self.event is not None and self.fingerprint == self.event.payload["sha256"]

    def _rows(self) -> Iterator[list[Any]]:
        yield list(COLUMNS)
        batches = self.batches(by_name=False)
        while True:
            # Not around a `yield`: nobody else's language may change.
            with timezone.override(datetime.UTC), translation.override("en"):
                batch = next(batches, None)
            if batch is None:
                return
            for entry in batch:
                yield from _rows_of(entry, self.made_at)


def _rows_of(entry: Entry, made_at: datetime.datetime) -> Iterator[list[Any]]:
    """Yield a row for each field, or one where none was changed; the first says the rest."""
    event = entry.event
    common = [
        *(event.id, event.uid, _iso(event.occurred_at), _iso(event.recorded_at), event.channel),
        *(event.actor_type, event.actor_id or "", event.actor_name, event.verb),
        *(event.object_type, event.object_id or ""),
        entry.version.version if entry.version else "",
    ]
    details = "\n".join(f"{label}: {text}" for label, text in entry.details)
    # How far a mail got changes, and is not in the file: failures are events of their own.
    mails = "\n".join(
        f"{mail.recipient} {mail.mail_id}"
        for mail in entry.deliveries
        if mail.created_at <= made_at
    )
    first, *others = entry.fields or [Difference("", "", Side(), Side())]
    yield [*common, first.name, first.label, first.before.text, first.after.text, details, mails]
    for field in others:
        yield [*common, field.name, field.label, field.before.text, field.after.text, "", ""]


def _iso(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
