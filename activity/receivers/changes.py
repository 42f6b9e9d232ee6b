"""Turns announced changes of contacts and what belongs to them into events."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby
from typing import Any

from django.dispatch import receiver

from activity.context import Context, current
from activity.erasure import erase_contacts
from activity.labels import original_labels_of
from activity.recording import Draft, keep_versions, write, write_with_version
from contacts.models import Change, Tracked, changed, deleted


@receiver(changed)
def record(sender: type[Tracked], changes: Sequence[Change], **kwargs: Any) -> list[int]:
    """Write an event for each change, and a version of each row that is still there."""
    if len(changes) == 1 and changes[0].after and changes[0].differences:
        [change] = changes
        return [write_with_version(draft(change), sender, new=not change.before)]
    ids = write([draft(change) for change in changes])
    kept = [change for change in changes if change.after and change.differences]
    for (verb, new), group in groupby(kept, key=lambda change: (change.verb, not change.before)):
        keep_versions(sender, [change.row.pk for change in group], new=new, reason=verb)
    return ids


@receiver(deleted)
def erase(
    sender: type[Tracked], contact_ids: Sequence[Any], accounts: Sequence[Any] = (), **kwargs: Any
) -> None:
    """Take the personal data out of the events of contacts that were just deleted."""
    erase_contacts(contact_ids, accounts)


def draft(change: Change, context: Context | None = None) -> Draft:
    """Return the event of a change, with the values as people read them then."""
    row = change.row
    if change.by is not None:
        context = replace(context or current(), actor=change.by)
    payload: dict[str, Any] = {**change.details}
    if change.after:
        told, displayed = _told(type(row)), row.displayed
        payload |= {
            "name": str(row),
            "row_version": row.version,
            "changes": [
                {**told[name], "old": displayed(name, old), "new": displayed(name, new)}
                for name, (old, new) in change.differences.items()
                if (old or new) and name in told
            ],
        }
    return Draft(change.verb, row.noun, row.pk, row.contact_key, payload, context=context)


@cache
def _told(model: type[Tracked]) -> dict[str, dict[str, str]]:
    """Return what a change says of each field that is spoken of."""
    return {
        name: {"field": name, "label": label, "draw": model.drawn(name)}
        for name, label in original_labels_of(model.noun).items()
        if name not in model.unspoken
    }
