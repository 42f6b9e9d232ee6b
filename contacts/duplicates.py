"""Contacts that may be the same person: as a new one is entered, and among all there are.

All are looked at in batches, each by a few probes of an index and in a time that does not depend
on how many contacts there are. Near misses of names are sought among neighbours in the order of
names (the sorted neighbourhood method: Hernandez and Stolfo, 1995).
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Func, Q, Value
from django.utils import timezone

from contacts.likeness import Name, is_misspelt
from contacts.models import Contact, ContactQuerySet
from contacts.models.duplicate_pair import MOST, DuplicatePair, DuplicateSearch

BATCH = 500  # contacts
SWEEP_SECONDS = 20
# What is being written now may commit later than its time says.
SETTLED = timedelta(minutes=1)
HOLDERS = 5  # of an address; one that more have belongs to a house, not to a person
NAMESAKES = 3  # of a contact; a name that more have says nothing by itself
PROBED = 20  # rows that one probe returns at most
INITIALS = 300  # people of one family name and initial that are compared with "A. Okonkwo"
NEIGHBOURS = 8  # on each side, in the order of names
PAIRS = 10  # for one contact, the best ones
SCORES = {
    "email": 100, "phone": 85, "full": 80, "initial": 65, "swapped": 60, "typo": 55, "name": 50,
}  # fmt: skip
FURTHER = 5  # that each further reason adds

# What is asked for and what is found: (why, id, id, names and companies of both).
_TOLD = "a.given_name, a.family_name, a.organisation, b.given_name, b.family_name, b.organisation"
_PROBES = f"""
WITH a AS MATERIALIZED (
    SELECT id, given_name, family_name, organisation, emails, phones, sort_name
    FROM contacts_contact WHERE id = ANY(%(ids)s) AND merged_into IS NULL
)
SELECT 'email', a.id, b.id, {_TOLD} FROM a CROSS JOIN LATERAL (
    SELECT * FROM contacts_contact WHERE emails && a.emails AND id <> a.id
    AND merged_into IS NULL LIMIT {PROBED}) AS b WHERE a.emails <> '{{}}'
UNION ALL
SELECT 'phone', a.id, b.id, {_TOLD} FROM a CROSS JOIN LATERAL (
    SELECT * FROM contacts_contact WHERE phones && a.phones AND id <> a.id
    AND merged_into IS NULL LIMIT {PROBED}) AS b WHERE a.phones <> '{{}}'
UNION ALL
SELECT 'name', a.id, b.id, {_TOLD} FROM a CROSS JOIN LATERAL (
    SELECT * FROM contacts_contact WHERE sort_name = a.sort_name AND id <> a.id
    AND merged_into IS NULL LIMIT {PROBED}) AS b WHERE a.given_name <> '' AND a.family_name <> ''
UNION ALL
SELECT 'swapped', a.id, b.id, {_TOLD} FROM a CROSS JOIN LATERAL (
    SELECT * FROM contacts_contact
    WHERE sort_name = annals_sort_name(a.given_name, a.family_name, '', '{{}}') AND id <> a.id
    AND merged_into IS NULL LIMIT {PROBED}) AS b
    WHERE a.given_name <> '' AND a.family_name <> '' AND b.given_name <> ''
UNION ALL
SELECT 'initial', a.id, b.id, {_TOLD} FROM a CROSS JOIN LATERAL (
    SELECT * FROM contacts_contact WHERE id <> a.id AND merged_into IS NULL AND sort_name IN (
        annals_sort_name(a.family_name, left(a.given_name, 1), '', '{{}}'),
        annals_sort_name(a.family_name, left(a.given_name, 1) || '.', '', '{{}}'))
    LIMIT {PROBED}) AS b
    WHERE length(a.given_name) > 2 AND a.family_name <> '' AND a.organisation <> ''
UNION ALL
SELECT 'initial', a.id, b.id, {_TOLD} FROM a CROSS JOIN LATERAL (
    SELECT * FROM contacts_contact
    WHERE sort_name > annals_sort_name(a.family_name, left(a.given_name, 1), '', '{{}}')
    AND sort_name <
        annals_sort_name(a.family_name, left(a.given_name, 1), '', '{{}}') || chr(1114111)
    ORDER BY sort_name LIMIT {INITIALS}) AS b
    WHERE length(a.given_name) <= 2 AND a.given_name <> '' AND a.family_name <> ''
    AND a.organisation <> '' AND lower(b.organisation) = lower(a.organisation)
    AND b.id <> a.id AND b.merged_into IS NULL
UNION ALL
SELECT 'near', a.id, b.id, {_TOLD} FROM a CROSS JOIN LATERAL (
    (SELECT * FROM contacts_contact WHERE (sort_name, id) > (a.sort_name, a.id)
     ORDER BY sort_name, id LIMIT {NEIGHBOURS})
    UNION ALL
    (SELECT * FROM contacts_contact WHERE (sort_name, id) < (a.sort_name, a.id)
     ORDER BY sort_name DESC, id DESC LIMIT {NEIGHBOURS})
) AS b WHERE a.organisation <> '' AND a.family_name <> '' AND b.merged_into IS NULL
    AND lower(b.organisation) = lower(a.organisation)
"""  # noqa: S608


def likely_duplicates(contact: Contact) -> ContactQuerySet:
    """Return the other contacts that share an email, a phone or the full name.

    Names are compared without case and accents; a company without a person by its name.
    """
    same = Q(emails__overlap=contact.emails) | Q(phones__overlap=contact.phones)
    if contact.given_name or contact.family_name or contact.organisation:
        no_emails = Value([], output_field=Contact._meta.get_field("emails"))
        names = map(Value, (contact.family_name, contact.given_name, contact.organisation))
        same |= Q(sort_name=Func(*names, no_emails, function="annals_sort_name"))
    return Contact.objects.unmerged().filter(same).exclude(pk=contact.pk)


def sweep(seconds: float = SWEEP_SECONDS) -> int:
    """Look at contacts that were added or changed since; return how many. Ends after `seconds`."""
    until, looked_at = time.monotonic() + seconds, 0
    while (count := _look_further()) and time.monotonic() < until:
        looked_at += count
    return looked_at + count


@transaction.atomic
def _look_further() -> int:
    """Look at the next batch; return how many contacts that were, 0 where another worker does."""
    DuplicateSearch.objects.get_or_create(pk=1)
    search = DuplicateSearch.objects.select_for_update(skip_locked=True).filter(pk=1).first()
    if search is None:
        return 0
    later = Q(last_activity_at__gt=search.looked_at) | Q(id__gt=search.looked_id)
    rows = Contact.objects.filter(
        later, last_activity_at__gte=search.looked_at, last_activity_at__lt=timezone.now() - SETTLED
    )
    places = rows.order_by("last_activity_at", "id").values_list("last_activity_at", "id")
    batch = list(places[:BATCH])
    if batch:
        look_at([pk for _at, pk in batch])
        search.looked_at, search.looked_id = batch[-1]
        search.save(update_fields=["looked_at", "looked_id"])
    return len(batch)


@transaction.atomic
def look_at(ids: list[UUID]) -> None:
    """Keep what is alike about these contacts, and let go of pairs that are alike no more."""
    found = _scored(_reasons(_probe(ids)))
    now = timezone.now()
    pairs = [
        DuplicatePair(first_id=one, second_id=two, reasons=why, score=score, found_at=now)
        for (one, two), (score, why) in found.items()
    ]
    open_ones = DuplicatePair.objects.filter(dismissed_at=None)
    kept = open_ones.filter(Q(first__in=ids) | Q(second__in=ids)).order_by("id")
    gone = [pair.pk for pair in kept if (pair.first_id, pair.second_id) not in found]
    open_ones.filter(pk__in=gone).delete()  # not one that was dismissed meanwhile
    DuplicatePair.objects.bulk_create(
        pairs,
        update_conflicts=True,
        unique_fields=["first", "second"],
        update_fields=["reasons", "score"],
    )


def _probe(ids: list[UUID]) -> list[tuple[Any, ...]]:
    """Return what each contact of the batch is alike to, with why."""
    with connection.cursor() as cursor:
        # PostgreSQL expects any address to match a part of the table, and would read all of it.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(_PROBES, {"ids": ids})
        rows = cursor.fetchall()
        cursor.execute("SET LOCAL enable_seqscan TO DEFAULT")
    return rows


def _reasons(rows: Iterable[tuple[Any, ...]]) -> dict[tuple[UUID, UUID], set[str]]:
    """Return {(smaller id, larger id): reasons} of what holds when the names are compared."""
    alike: dict[tuple[str, UUID], dict[UUID, tuple[Name, Name]]] = defaultdict(dict)
    for why, one, two, *told in rows:
        alike[why, one][two] = (Name.of(*told[:3]), Name.of(*told[3:]))
    found: dict[tuple[UUID, UUID], set[str]] = defaultdict(set)
    for (why, one), others in alike.items():
        for two, reason in _holding(why, others):
            found[min(one, two), max(one, two)].add(reason)
    return found


def _holding(why: str, others: dict[UUID, tuple[Name, Name]]) -> Iterator[tuple[UUID, str]]:
    """Yield (id, reason) for those of a contact's likes that are more than chance."""
    is_rare = len(others) <= (HOLDERS if why in {"email", "phone"} else NAMESAKES)
    for two, (mine, theirs) in others.items():
        same_company = bool(mine.company) and mine.company == theirs.company
        if why == "name" and same_company:
            yield two, "full"
        elif why in {"initial", "near"}:
            if same_company and (why == "initial" or is_misspelt(mine.whole, theirs.whole)):
                yield two, "initial" if why == "initial" else "typo"
        elif is_rare or (same_company and mine.whole == theirs.whole):
            yield two, why


def _scored(
    reasons: dict[tuple[UUID, UUID], set[str]],
) -> dict[tuple[UUID, UUID], tuple[int, list[str]]]:
    """Return {pair: (score, reasons, the strongest first)}, for no contact more than PAIRS."""
    scored = []
    for pair, why in reasons.items():
        strongest = sorted(why, key=lambda reason: -SCORES[reason])
        score = min(MOST, SCORES[strongest[0]] + FURTHER * (len(why) - 1))
        scored.append((score, strongest, pair))
    counts: dict[UUID, int] = defaultdict(int)
    kept = {}
    for score, strongest, pair in sorted(scored, key=lambda each: (-each[0], each[2])):
        if all(counts[pk] < PAIRS for pk in pair):
            kept[pair] = (score, strongest)
            for pk in pair:
                counts[pk] += 1
    return kept
