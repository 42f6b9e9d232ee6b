"""What a contact keeps of another one that was merged into it, parted again, and is erased now.

While two contacts were one, versions of the survivor held values of the other one, and events told
of them. They are taken out as if the merge had taken over nothing.
"""

import copy
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import Max, Min

from contacts.models import Contact
from contacts.models.merging import OPTED_OUT

LONG = "notes"  # of which a merge may keep both, one below the other


def partings(contact_ids: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield each contact that was merged with another once, with each one that it was parted from.

    These are also those that its survivor was merged into. What it is still a part of, or is a part
    of it, is deleted with it.
    """
    versions = Contact.history.order_by()
    merged = versions.filter(id__in=contact_ids).exclude(merged_into=None, merged_ids=[])
    partners = defaultdict[Any, set[UUID]](set)
    for pk, into, ids in merged.values_list("id", "merged_into", "merged_ids"):
        partners[pk].update(ids, {into} - {None})
    for contact_id, nearest in partners.items():
        found, latest = set[UUID](), nearest
        while latest:
            found |= latest
            into = versions.filter(id__in=latest).exclude(merged_into=None)
            latest = set(into.values_list("merged_into", flat=True)) - found
        others = Contact.objects.filter(pk__in=found).exclude(merged_ids__contains=[contact_id])
        for other in others.order_by("pk").values_list("pk", flat=True):
            yield contact_id, other


def take_out(contact_id: Any, survivor_id: Any) -> tuple[list[Any], set[int]]:
    """Return a survivor's versions without what is the contact's, and which events told of that.

    The versions are only those that held some of it, to be put in place of those with the same
    keys. The events are those of the survivor whose `row_version` is one of the numbers.
    """
    versions = Contact.history.filter(id=survivor_id)
    joined = versions.filter(merged_ids__contains=[contact_id])
    span = joined.aggregate(first=Min("version"), last=Max("version"))
    if span["first"] is None:
        return [], set()
    held, in_order = _held(contact_id), versions.order_by("version")
    own = before = in_order.filter(version__lt=span["first"]).last()
    newest = in_order.last()
    redacted, told, taken = [], set[int](), set[str]()
    for version in in_order.filter(version__gte=span["first"]):
        changed = {n for n in held if getattr(before, n) != getattr(version, n)}
        names = set(held)
        if contact_id not in version.merged_ids:
            # Parting leaves alone what somebody has changed since; it may stand there still.
            names = {n for n in taken - changed if getattr(newest, n) != getattr(version, n)}
            if version.version > span["last"] and not (names or taken):
                break
        clean = _without(version, own, {name: held[name] for name in names})
        was_taken, taken = taken, {n for n in held if getattr(version, n) != getattr(clean, n)}
        if taken:
            redacted.append(clean)
        if changed & (taken | was_taken) or _name(version) != _name(clean):
            told.add(version.version)
        if contact_id not in version.merged_ids:
            own = clean
        before = version
    return redacted, told


def _held(contact_id: Any) -> dict[str, set[Any]]:
    """Return {attribute: the values it ever had in the contact}, of lists each by itself."""
    held = defaultdict[str, set[Any]](set)
    # Whose contact it was says nothing of the contact.
    names = {*Contact.recoverable(), *OPTED_OUT} - {"owner_id"}
    for version in Contact.history.filter(id=contact_id).iterator():
        for name in names:
            value = getattr(version, name)
            held[name].update(filter(None, value if isinstance(value, list) else [value]))
    return held


def _without(version: Any, own: Any, held: dict[str, set[Any]]) -> Any:
    """Return a version with what its contact had before in place of what the other one held."""
    clean = copy.copy(version)
    for name, theirs in held.items():
        value, before = getattr(version, name), getattr(own, name)
        if isinstance(value, list):
            setattr(clean, name, [each for each in value if each in before or each not in theirs])
        elif value in theirs or (name == LONG and any(text in value for text in theirs)):
            setattr(clean, name, before)
    return clean


def _name(version: Any) -> str:
    return Contact(**{name: getattr(version, name) for name in Contact.tracked_fields()}).name
