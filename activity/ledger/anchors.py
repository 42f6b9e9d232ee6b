"""Checkpoints outside the database: without them, who owns the database could write another log.

`latest` holds the newest one, and `daily/` one of each day, in `STORAGES["anchors"]`: a folder, or
an object store at best writable for us and deletable for nobody.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection, transaction

from activity.ledger.note import parse_checkpoint
from activity.ledger.refusal import CannotSeal
from activity.models import Checkpoint

LATEST = "latest"
DAILY = "daily"
_PUBLISHING = 0x616E6E616C730002  # of the advisory lock


def latest() -> str:
    """Return the newest checkpoint known outside the database, a signed note; "" for none.

    Where `latest` was taken away, that is the one of the last day. Raises CannotSeal where the
    place cannot be reached.
    """
    with _reaching():
        return _read(LATEST) or "".join(map(_read, _days()[-1:]))


def notes() -> Iterator[tuple[str, str]]:
    """Yield each checkpoint kept outside, as (name, note), the newest last.

    Raises CannotSeal where the place cannot be reached.
    """
    with _reaching():
        names = [*_days(), LATEST]
    for name in names:
        with _reaching():
            note = _read(name)
        if note:
            yield name, note


@transaction.atomic
def publish() -> None:
    """Put the newest checkpoint into `latest`; never an older one in place of a newer one.

    Raises CannotSeal where the place cannot be reached.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_PUBLISHING])
    newest = Checkpoint.objects.order_by("-epoch", "-size").first()
    known = latest()
    if newest and known != newest.note and not _is_newer(known, newest.note):
        keep(LATEST, newest.note)


def keep(name: str, note: str) -> None:
    """Write a note to a place of that name; raises CannotSeal where that is not possible."""
    with _reaching():
        saved = storages["anchors"].save(name, ContentFile(note.encode()))
        if saved != name:
            storages["anchors"].delete(saved)
            raise FileExistsError(f"it keeps the old “{name}” where a new one is saved")


def _is_newer(known: str, ours: str) -> bool:
    """Tell whether one note is of the same log as another, and of a larger tree."""
    if not known:
        return False
    theirs, head = parse_checkpoint(known), parse_checkpoint(ours)
    return theirs.origin == head.origin and theirs.size > head.size


def _days() -> list[str]:
    """Return the names of the checkpoints of each day, the newest last."""
    try:
        return sorted(f"{DAILY}/{name}" for name in storages["anchors"].listdir(DAILY)[1])
    except FileNotFoundError:
        return []


def _read(name: str) -> str:
    try:
        with storages["anchors"].open(name) as file:
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""


@contextmanager
def _reaching() -> Iterator[None]:
    """Say in one way that the place cannot be reached, as each kind of storage has its own."""
    try:
        yield
    except Exception as error:
        raise CannotSeal(
            f"The place for anchors cannot be used: {error}. Until it can, nothing is sealed, as "
            "nothing would show that a backup was restored."
        ) from error
