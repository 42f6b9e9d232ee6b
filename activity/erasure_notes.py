"""Who was erased, noted outside the database: a restored backup knows nothing of it.

A note is a file `erasures/<contact id>` in STORAGES["anchors"], beside the checkpoints. It holds no
personal data: the id of a contact that is gone, and when it went.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone

from contacts.models import Contact, DeletedContact

FOLDER = "erasures"
REASON = "Erased again after a restore"
CHUNK = 1_000  # ids of one query


@dataclass(frozen=True)
class Note:
    """That a contact was erased, and when."""

    contact_id: UUID
    erased_at: datetime

    def keep(self) -> None:
        """Write it down; one that stands there already stays as it is."""
        path = f"{FOLDER}/{self.contact_id}"
        storage = storages["anchors"]
        if not storage.exists(path):
            note = {"contact": str(self.contact_id), "erased_at": self.erased_at.isoformat()}
            storage.save(path, ContentFile(json.dumps(note).encode() + b"\n"))

    @classmethod
    def read(cls, contact_id: UUID) -> "Note":
        """Return the note about a contact. Raises OSError and ValueError where it is damaged."""
        with storages["anchors"].open(f"{FOLDER}/{contact_id}") as file:
            return cls(contact_id, datetime.fromisoformat(json.load(file)["erased_at"]))


def keep_later(contact_id: Any) -> None:
    """Note an erasure as soon as it is committed; where that fails, `keep_missing` does it."""
    note = Note(contact_id, timezone.now())
    transaction.on_commit(note.keep, robust=True)


def noted() -> set[UUID]:
    """Return the ids of the contacts whose erasure is noted. Raises OSError."""
    try:
        _folders, files = storages["anchors"].listdir(FOLDER)
    except FileNotFoundError:
        return set()
    return {contact_id for name in files if (contact_id := _id(name))}


def keep_missing() -> int:
    """Note the erasures that the database knows of and nobody has noted; return how many."""
    known = noted()
    rows = DeletedContact.objects.values_list("contact_id", "deleted_at").iterator()
    missing = [Note(*row) for row in rows if row[0] not in known]
    for note in missing:
        note.keep()
    return len(missing)


def back(ids: set[UUID]) -> Iterator[UUID]:
    """Yield which of these contacts are in the database."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        chunk = ordered[start : start + CHUNK]
        yield from Contact.objects.filter(pk__in=chunk).order_by("pk").values_list("pk", flat=True)


def erase_again(contact_id: UUID) -> bool:
    """Erase a contact that a backup brought back; False where it went meanwhile.

    The name is kept no longer than if it had not come back. Raises OSError and ValueError where
    the note about it cannot be read.
    """
    note = Note.read(contact_id)
    with transaction.atomic():
        contact = Contact.objects.select_for_update().filter(pk=contact_id).first()
        if contact is None:
            return False
        contact.delete(reason=REASON)
        mine = DeletedContact.objects.filter(pk=contact_id)
        mine.update(deleted_at=note.erased_at)
        mine.forget_names()
    return True


def _id(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
