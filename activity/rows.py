"""Draws the rows of a timeline.

An event never changes, so its row is drawn once for each language, time zone and set of rights,
and kept in the process. What lives, as a comment or a message, says itself what its row depends
on: that is part of what the row is kept under. So does the contact that an event came from.
"""

from collections.abc import Hashable, Iterable
from typing import Any

from django.template.loader import get_template, select_template
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe

from activity.folding import Fold
from activity.highlighting import highlight
from activity.models import ActivityEvent
from activity.pinned import PINNABLE
from contacts.drawn import Drawn

drawn = Drawn()


class Pen:
    """Draws rows for one viewer, in that person's language and time zone."""

    def __init__(
        self,
        viewer: Any,
        linked: int | None = None,
        words: str = "",
        pinned: Iterable[ActivityEvent] = (),
        *,
        is_outside: bool = False,
    ) -> None:
        """`linked` is the event that a link led to: its row is marked, as are `words` in all.

        It says so where that event `is_outside` of what the viewer filters by.
        """
        self._viewer, self._linked, self._words = viewer, linked, words
        self._is_outside = is_outside
        self._pinned = {event.id for event in pinned}
        self._may_pin = viewer.has_perm("contacts.add_comment")
        self._manner = (translation.get_language(), timezone.get_current_timezone_name())

    def draw(self, rows: Iterable[ActivityEvent | Fold]) -> SafeString:
        """Return the rows, one after the other."""
        parts = (self._fold(row) if isinstance(row, Fold) else self._row(row) for row in rows)
        if self._words:
            parts = (highlight(part, self._words) for part in parts)
        return mark_safe("".join(parts))  # noqa: S308 - our own templates escaped it

    def _row(self, event: ActivityEvent) -> SafeString:
        key, rights = self._key(event)
        if (html := drawn.get(key)) is not None:
            return html
        is_linked = event.id == self._linked
        context = {
            "event": event,
            "linked": is_linked,
            "outside": is_linked and self._is_outside,
            **rights,
        }
        return drawn.keep(key, select_template(event.templates).render(context))

    def _fold(self, fold: Fold) -> SafeString:
        key = (fold.is_open, *(self._key(event)[0] for event in fold.events))
        if (html := drawn.get(key)) is not None:
            return html
        context = {"fold": fold, "rows": self.draw(fold.events)}
        folded = get_template("activity/_fold.html").render(context)
        return drawn.keep(key, mark_safe(folded))  # noqa: S308 - our own template escaped it

    def _key(self, event: ActivityEvent) -> tuple[tuple[Hashable, ...], dict[str, bool]]:
        """Return all that a row depends on, and what the viewer may do on it."""
        living, came_from = event.living, event.came_from
        state, rights = (living.stamp, living.rights(self._viewer)) if living else (None, {})
        if event.kind.right:
            rights = {**rights, "may_act": self._viewer.has_perm(event.kind.right)}
        if self._may_pin and event.verb in PINNABLE and not event.is_erased:
            rights = {**rights, "may_pin": True, "pinned": event.id in self._pinned}
        origin = (came_from.pk, came_from.version) if came_from else None
        linked = (event.id == self._linked, event.id == self._linked and self._is_outside)
        told = (event.uid, event.erased_by, state, *rights.values(), *linked, origin)
        return (*told, event.actor_name, *self._manner), rights
