"""Who was erased, noted outside the database: a restored backup knows nothing of it.

A note is a file `erasures/<contact id>` in STORAGES["anchors"], beside the checkpoints; of contacts
that were erased together, one file `erasures/<any id>.many`. It holds no personal data: the ids of
contacts that are gone, and when they went.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from contacts.models import Contact, DeletedContact

FOLDER = "erasures"
MANY = ".many"  # how the names of notes about several contacts end
REASON = "Erased again after a restore"
CHUNK = 1_000  # ids of one query


@dataclass(frozen=True)
class Note:
    """That contacts were erased together, and when."""

    contact_ids: tuple[UUID, ...]
    erased_at: datetime

    def keep(self) -> None:
        """Write it down; one about the same contact stays as it is.

        Each file waits for the disk: one for many contacts is what makes erasing many quick.
        """
        first, *others = map(str, self.contact_ids)
        path = f"{FOLDER}/{uuid7()}{MANY}" if others else f"{FOLDER}/{first}"
        whom = {"contacts": [first, *others]} if others else {"contact": first}
        storage = storages["anchors"]
        if not storage.exists(path):
            note = {**whom, "erased_at": self.erased_at.isoformat()}
            storage.save(path, ContentFile(json.dumps(note).encode() + b"\n"))

    @classmethod
    def read(cls, name: str) -> "Note":
        """Return the note of that name. Raises OSError, ValueError and KeyError for a damaged one.

        The name of a note about one contact is its id.
        """
        with storages["anchors"].open(f"{FOLDER}/{name}") as file:
            note = json.load(file)
        ids = note["contacts"] if "contacts" in note else [note["contact"]]
        return cls(tuple(map(UUID, ids)), datetime.fromisoformat(note["erased_at"]))


def keep_later(contact_ids: Collection[Any]) -> None:
    """Note an erasure as soon as it is committed; where that fails, `keep_missing` does it."""
    note = Note(tuple(contact_ids), timezone.now())
    transaction.on_commit(note.keep, robust=True)


def noted() -> dict[UUID, str]:
    """Return {id: name of the note} of the contacts whose erasure is noted.

    Raises OSError, and ValueError or KeyError where a note about several is damaged.
    """
    try:
        _folders, files = storages["anchors"].listdir(FOLDER)
    except FileNotFoundError:
        return {}
    found = {contact_id: name for name in files if (contact_id := _id(name))}
    for name in files:
        if name.endswith(MANY):
            found |= dict.fromkeys(Note.read(name).contact_ids, name)
    return found


def keep_missing() -> int:
    """Note the erasures that the database knows of and nobody has noted; return how many."""
    known = noted()
    rows = DeletedContact.objects.values_list("contact_id", "deleted_at").iterator()
    missing = [Note((pk,), erased_at) for pk, erased_at in rows if pk not in known]
    for note in missing:
        note.keep()
    return len(missing)


def back(ids: Collection[UUID]) -> Iterator[UUID]:
    """Yield which of these contacts are in the database."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), CHUNK):
        chunk = ordered[start : start + CHUNK]
        yield from Contact.objects.filter(pk__in=chunk).order_by("pk").values_list("pk", flat=True)


def erase_again(contact_id: UUID, name: str = "") -> bool:
    """Erase a contact that a backup brought back; False where it went meanwhile.

    `name` is that of the note about it, by default its id. What it was called is kept no longer
    than if it had not come back. Raises OSError, ValueError and KeyError where the note cannot be
    read.
    """
    note = Note.read(name or str(contact_id))
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
