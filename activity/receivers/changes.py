"""Turns announced changes of contacts and what belongs to them into events."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby
from typing import Any

from django.db.models import Field
from django.dispatch import receiver
from django.utils.text import capfirst
from django.utils.translation import get_language

from activity.context import Context, current
from activity.erasure import erase_contacts
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
    fields, language = type(row).tracked_fields(), get_language()
    payload: dict[str, Any] = {**change.details}
    if change.after:
        payload |= {
            "name": str(row),
            "row_version": row.version,
            "changes": [
                {
                    "field": name,
                    "label": _label(fields[name], language),
                    "draw": row.drawn(name),
                    "old": row.displayed(name, old),
                    "new": row.displayed(name, new),
                }
                for name, (old, new) in change.differences.items()
                if (old or new) and name not in row.unspoken
            ],
        }
    return Draft(change.verb, row.noun, row.pk, row.contact_key, payload, context=context)


@cache
def _label(field: Field, language: str | None) -> str:
    """Return what a field is called in the language in force, which is that one."""
    return str(capfirst(field.verbose_name))
