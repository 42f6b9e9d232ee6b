"""Finds the entries that a page of the log shows, at the cost of a few probes of an index.

A page wants some fifty entries, the nearest ones of all that match. PostgreSQL would guess how
many match and walk along the log if it thinks many do; where they lie elsewhere, that is a walk
over millions. So each kind that was asked for is asked for by itself, and what comes nearest of
all that is the page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db import connections, router
from django.db.models import QuerySet

from activity.catalogue import PRIVATE
from activity.log.filters import LogFilters
from activity.log.spans import NEWEST, Span, spans
from activity.log.words import Words
from activity.models import ActivityEvent

# Words that nearly every entry recorded are found by looking at the nearest ones; those of a few,
# by their index; of what is between, the nearest by both.
NEAREST = 500  # entries to look through
FEW = 2_000  # entries to sort
NEAR = (20_000, 200_000)  # numbers to stay within

# All kinds that there are, each with the sources it came through: one probe for each.
_KINDS = """
WITH RECURSIVE kind AS (
    (SELECT verb, channel FROM activity_event ORDER BY verb, channel LIMIT 1)
    UNION ALL
    SELECT further.* FROM kind CROSS JOIN LATERAL (
        SELECT verb, channel FROM activity_event
        WHERE (verb, channel) > (kind.verb, kind.channel) ORDER BY verb, channel LIMIT 1
    ) AS further
), wanted AS (SELECT verb, channel FROM kind WHERE {kinds})
SELECT hit.id FROM unnest(%(lows)s::bigint[], %(highs)s::bigint[]) AS span (low, high)
"""
_OF_KINDS = "CROSS JOIN wanted "
_OF_ACTORS = "CROSS JOIN unnest(%(actors)s::uuid[]) AS actor (id) "
_OF_CONTACTS = "CROSS JOIN unnest(%(contacts)s::uuid[]) AS contact (id) "
_NEAREST = """
CROSS JOIN LATERAL (
    SELECT event.id FROM activity_event AS event
    WHERE event.id BETWEEN span.low AND span.high AND {conditions}
    ORDER BY event.id {way} LIMIT %(limit)s
) AS hit ORDER BY hit.id {way} LIMIT %(limit)s
"""


class Finder:
    """Finds entries on one side of a number: `down` for the older ones, else the newer ones."""

    def __init__(self, filters: LogFilters, ranges: Sequence[Span], limit: int, *, down: bool):
        self.filters = filters
        self.ranges = ranges
        self.limit = limit
        self.down = down

    def numbers(self) -> list[int]:
        """Return the numbers of the nearest entries, the nearest first."""
        if not self.ranges:
            return []
        found = self._of_contact() if self.filters.contact else self._of_all()
        return sorted(set(found), reverse=self.down)[: self.limit]

    def _of_contact(self) -> Iterable[int]:
        """Return those of one contact, which has few beside what the log holds.

        What was merged into it is read by itself, as on its timeline.
        """
        others = replace(self.filters, contact=None)
        events = others.apply(ActivityEvent.objects.of(*self.filters.contact_ids), indexed=False)
        return [number for span in self.ranges for number in self._nearest(events, span)]

    def _of_all(self) -> Iterable[int]:
        filters = self.filters
        if not filters.words:
            return self._probe([filters.actor] if filters.actor else [])
        words = Words.find(filters.words)
        events = ActivityEvent.objects.filter(filters.conditions)
        found = [n for span in self.ranges for n in self._nearest(events.filter(words.named), span)]
        people = [pk for pk in words.people if filters.actor in (None, pk)]
        if people:
            found += self._probe(people)
        if words.contacts:
            found += self._probe([], words.contacts)
        return found + self._recorded(words, events)

    def _recorded(self, words: Words, events: QuerySet) -> list[int]:
        """Return those that recorded the words."""
        candidates = self._probe([self.filters.actor] if self.filters.actor else [], limit=NEAREST)
        checked = ActivityEvent.objects.filter(words.recorded(indexed=False), id__in=candidates)
        found = list(checked.values_list("id", flat=True))
        if len(found) >= self.limit or len(candidates) < NEAREST:
            return found
        events = events.filter(words.recorded())
        few = [] if found else list(events.order_by().values_list("id", flat=True)[: FEW + 1])
        if not found and len(few) <= FEW:
            return [number for low, high in self.ranges for number in few if low <= number <= high]
        edge = candidates[-1]
        for near in (*NEAR, NEWEST):
            window = (edge - near, NEWEST) if self.down else (0, edge + near)
            ranges = _clipped(self.ranges, *window)
            found = [number for span in ranges for number in self._nearest(events, span)]
            if len(found) >= self.limit:
                break
        return found

    def _nearest(self, events: QuerySet, span: Span) -> list[int]:
        within = events.filter(id__gte=span[0], id__lte=min(span[1], NEWEST))
        ordered = within.order_by("-id" if self.down else "id")
        return list(ordered.values_list("id", flat=True)[: self.limit])

    def _probe(
        self, actors: Sequence[Any], contacts: Sequence[Any] = (), limit: int = 0
    ) -> list[int]:
        """Return those of the actors or contacts that fit all filters but the words."""
        filters = self.filters
        kinds, sources, conditions = ["verb <> ALL(%(private)s)"], "", ["TRUE"]
        if filters.verbs:
            kinds.append("verb = ANY(%(verbs)s)")
        if filters.source:
            kinds.append("channel = %(source)s")
        if contacts:
            sources += _OF_CONTACTS
            conditions += ["event.contact_id = contact.id", *(f"event.{each}" for each in kinds)]
            if filters.actor:
                conditions.append("event.actor_id = %(actor)s")
        elif actors or filters.verbs or filters.source:
            sources += _OF_KINDS
            conditions += ["event.verb = wanted.verb", "event.channel = wanted.channel"]
        else:
            conditions += [f"event.{each}" for each in kinds]
        if actors:
            sources += _OF_ACTORS
            conditions.append("event.actor_id = actor.id")
        if filters.since:
            conditions.append("event.occurred_at >= %(since)s")
        if filters.until:
            conditions.append("event.occurred_at < %(until)s")
        sql = (_KINDS + sources + _NEAREST).format(
            kinds=" AND ".join(kinds),
            conditions=" AND ".join(conditions),
            way="DESC" if self.down else "ASC",
        )
        lows, highs = map(list, zip(*self.ranges, strict=True))
        since, until = filters.moments
        parameters: dict[str, Any] = {
            "lows": lows,
            "highs": highs,
            "private": [] if filters.sees_private else sorted(PRIVATE),
            "verbs": sorted(filters.verbs),
            "source": filters.source,
            "actors": list(actors),
            "actor": filters.actor,
            "contacts": list(contacts),
            "since": since,
            "until": until,
            "limit": limit or self.limit,
        }
        with connections[router.db_for_read(ActivityEvent)].cursor() as cursor:
            cursor.execute(sql, parameters)
            return [number for (number,) in cursor.fetchall()]


def numbers(
    filters: LogFilters, limit: int, *, before: int | None = None, after: int | None = None
) -> list[int]:
    """Return the numbers of so many entries, newest first: the newest, or those next to a number.

    `before` asks for those that are older, `after` for those that are newer.
    """
    ranges = spans(filters.since, filters.until)
    low = 0 if after is None else after + 1
    high = NEWEST if before is None else before - 1
    finder = Finder(filters, _clipped(ranges, low, high), limit, down=after is None)
    return sorted(finder.numbers(), reverse=True)


def _clipped(ranges: Iterable[Span], low: int, high: int) -> list[Span]:
    clipped = ((max(span[0], low), min(span[1], high)) for span in ranges)
    return [span for span in clipped if span[0] <= span[1]]
