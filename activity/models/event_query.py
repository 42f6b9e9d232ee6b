"""Events by what they are about: of one contact, or of several that were merged."""

from typing import Any

from django.db import models


class ActivityEventQuerySet(models.QuerySet):
    """Events by what they are about."""

    sources: tuple[Any, ...] = ()  # the contacts it is read from, where they are several
    parts: tuple[Any, ...] = ()  # what it was put together from: the first rows of each of them

    def of(self, *contact_ids: Any) -> "ActivityEventQuerySet":
        """Return the events on a contact's timeline, newest first.

        `contact_ids` are the contact's, and those of the contacts that were merged into it
        (Contact.all_ids). A slice of several costs a page of each, however long they are.
        """
        if len(contact_ids) == 1:
            return self.filter(contact_id=contact_ids[0]).order_by("-id")
        events = self.filter(contact_id__in=contact_ids).order_by("-id")
        events.sources = contact_ids
        return events

    def told_once(self) -> "ActivityEventQuerySet":
        """Return these, of a merge the survivor's event alone; both are on the one timeline."""
        return self.exclude(verb="contact.merged", payload__has_key="into")

    def __getitem__(self, wanted: Any) -> Any:
        """Return a row or a slice; of several contacts from the first rows of each."""
        if not self.sources or self._result_cache is not None:
            return super().__getitem__(wanted)
        if isinstance(wanted, int):
            return self[wanted : wanted + 1]._row(0)
        if wanted.stop is None:
            return super().__getitem__(wanted)
        plain = self._chain()
        plain.sources = ()
        parts = tuple(plain.filter(contact_id=pk)[: wanted.stop] for pk in self.sources)
        joined = parts[0].union(*parts[1:], all=True).order_by(*self.query.order_by)[wanted]
        joined.parts = parts
        return joined

    def count(self) -> int:
        """Return how many rows there are; of a slice put together, without reading them."""
        if not self.parts or self._result_cache is not None:
            return super().count()
        first, *rest = (part.values("pk") for part in self.parts)
        rows = first.union(*rest, all=True)
        rows.query.set_limits(self.query.low_mark, self.query.high_mark)
        return rows.count()

    def _row(self, position: int) -> Any:
        return super().__getitem__(position)

    def _clone(self) -> Any:
        clone = super()._clone()
        clone.sources, clone.parts = self.sources, self.parts
        return clone

    def first_of(self, contact_id: Any) -> "ActivityEventQuerySet":
        """Return the events of a contact alone, oldest first, to take the first one of them.

        Said as a range, the contact is part of the order: only its own index has that, and the
        planner cannot look for the oldest event of all that happens to be the contact's.
        """
        events = self.filter(contact_id__range=(contact_id, contact_id))
        return events.order_by("-contact_id", "id")

    def newest_of_each(self, contact_ids: list[Any]) -> dict[Any, Any]:
        """Return {contact id: its newest event}, in one query that costs a probe per contact."""
        rows = self.raw(
            "SELECT event.* FROM unnest(%s::uuid[]) AS wanted(id) CROSS JOIN LATERAL ("
            " SELECT * FROM activity_event WHERE contact_id = wanted.id ORDER BY id DESC LIMIT 1"
            ") AS event",
            [contact_ids],
        )
        return {event.contact_id: event for event in rows}
