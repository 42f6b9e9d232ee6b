"""Draws the rows of a timeline.

An event never changes, so its row is drawn once for each language, time zone and set of rights,
and kept in the process. What lives, as a comment or a message, says itself what its row depends
on: that is part of what the row is kept under.
"""

from typing import Any

from django.core.cache import caches
from django.template.loader import select_template
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe

from activity.models import ActivityEvent


def draw(event: ActivityEvent, viewer: Any, *, linked: bool = False) -> SafeString:
    """Return an event's row as this viewer may see it; `linked` marks the one a link led to."""
    living = getattr(event, "living", None)
    state, rights = (living.stamp, living.rights(viewer)) if living else (event.erased_by, {})
    flags = "".join(str(int(flag)) for flag in (*rights.values(), linked))
    language, zone = translation.get_language(), timezone.get_current_timezone_name()
    came_from = getattr(event, "came_from", None)
    origin = f"{came_from.pk}{came_from.version}" if came_from else ""
    key = f"{event.uid}-{state}-{flags}-{language}-{zone}-{origin}"
    html = caches["rows"].get(key)
    if html is None:
        html = select_template(event.templates).render({"event": event, "linked": linked, **rights})
        caches["rows"].set(key, html)
    return mark_safe(html)  # noqa: S308 - our own templates escaped it
