"""The one writer: turns announced changes into events, inside the transaction that made them."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from django.dispatch import receiver
from django.utils.text import capfirst

from activity.context import Context, current
from activity.erasure import erase_contact
from activity.recording import Draft, keep_versions, write
from contacts.models import BulkRun, Change, Tracked, bulk_finished, changed, deleted
from contacts.models.importing import ImportRun, import_finished


@receiver(changed)
def record(sender: type[Tracked], changes: Sequence[Change], **kwargs: Any) -> list[int]:
    """Write an event for each change, and a version of each row that is still there."""
    ids = write([draft(change) for change in changes])
    kept = [change for change in changes if change.after and change.differences]
    for (verb, new), group in groupby(kept, key=lambda change: (change.verb, not change.before)):
        keep_versions(sender, [change.row.pk for change in group], new=new, reason=verb)
    return ids


@receiver(deleted)
def erase(sender: type[Tracked], contact_id: Any, **kwargs: Any) -> None:
    """Take the personal data out of the events of a contact that was just deleted."""
    erase_contact(contact_id)


@receiver(import_finished)
def finish_import(sender: type[ImportRun], run: ImportRun, **kwargs: Any) -> None:
    """Note that an import is over, and what came of it."""
    write([draft_of_import(run)])


@receiver(bulk_finished)
def finish_bulk(sender: type[BulkRun], run: BulkRun, **kwargs: Any) -> None:
    """Note that a bulk action is over, and what came of it."""
    counts = {name: getattr(run, name) for name in ("total", "acted", "skipped", "failed")}
    payload = {"action": str(run.kind.label), "state": run.state, **counts}
    write([Draft("bulk.finished", "bulk", run.pk, None, payload)])


def draft_of_import(run: ImportRun, context: Context | None = None) -> Draft:
    """Return the event of an import that is over."""
    counts = {name: getattr(run, name) for name in ("created", "skipped", "failed")}
    payload = {"file": run.name, "state": run.state, **counts}
    return Draft("import.finished", "import", run.pk, None, payload, context=context)


def draft(change: Change, context: Context | None = None) -> Draft:
    """Return the event of a change, with the values as people read them then."""
    row = change.row
    if change.by is not None:
        context = replace(context or current(), actor=change.by)
    fields = type(row).tracked_fields()
    payload: dict[str, Any] = {**change.details}
    if change.after:
        payload |= {
            "name": str(row),
            "row_version": row.version,
            "changes": [
                {
                    "field": name,
                    "label": str(capfirst(fields[name].verbose_name)),
                    "draw": row.drawn(name),
                    "old": row.displayed(name, old),
                    "new": row.displayed(name, new),
                }
                for name, (old, new) in change.differences.items()
                if (old or new) and name not in row.unspoken
            ],
        }
    return Draft(change.verb, row.noun, row.pk, row.contact_key, payload, context=context)
