"""`{% load history %}`: how the entries of a contact's record are drawn."""

from typing import Any

from django import template
from django.template.loader import select_template
from django.utils.safestring import SafeString, mark_safe

from activity.history.record import Entry

register = template.Library()


@register.simple_tag
def entry(entry: Entry, form: str = "", **context: Any) -> SafeString:
    """Draw an entry in the words of its kind's template, which says them within another frame.

    `form` is the id of the form that buttons to put a value back send; without it there are none.
    """
    frame = {"frame": "activity/history/_entry.html", "entry": entry, "form": form}
    html = select_template(entry.event.templates).render({**context, **frame, "event": entry.event})
    return mark_safe(html)  # noqa: S308 - our own templates escaped it
