"""Draws the rows of a timeline.

An event never changes, so its row is drawn once for each language, time zone and set of rights,
and kept in the process. A comment lives: its version is part of what its row is kept under.
"""

from typing import Any

from django.core.cache import caches
from django.template.loader import select_template
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe

from activity.models import ActivityEvent


def draw(event: ActivityEvent, viewer: Any, *, linked: bool = False) -> SafeString:
    """Return an event's row as this viewer may see it; `linked` marks the one a link led to."""
    comment = getattr(event, "comment", None)
    mine = comment is not None and comment.author_id == viewer.pk
    may_edit = mine and viewer.has_perm("contacts.change_comment")
    may_delete = may_edit or (comment is not None and viewer.has_perm("contacts.moderate_comment"))
    state = comment.version if comment else event.erased_by
    language, zone = translation.get_language(), timezone.get_current_timezone_name()
    key = f"{event.uid}-{state}-{may_edit}{may_delete}{linked}-{language}-{zone}"
    html = caches["rows"].get(key)
    if html is None:
        html = select_template(event.templates).render(
            {"event": event, "linked": linked, "may_edit": may_edit, "may_delete": may_delete}
        )
        caches["rows"].set(key, html)
    return mark_safe(html)  # noqa: S308 - our own templates escaped it
