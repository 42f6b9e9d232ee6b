"""`{% load history %}`: how the entries of a contact's record are drawn."""

import hashlib
from typing import Any

from django import template
from django.template.defaultfilters import linebreaksbr
from django.template.loader import get_template, select_template
from django.utils import timezone, translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from activity.history.record import Entry
from activity.history.versions import Difference, Side
from activity.rows import drawn

register = template.Library()


@register.simple_tag
def entry(entry: Entry, form: str = "", **context: Any) -> SafeString:
    """Draw an entry in the words of its kind's template, which says them within another frame.

    `form` is the id of the form that buttons to put a value back send; without it there are none.
    `contact` is then the contact to which they are put back.
    """
    # How far a mail got changes, and a sheet of paper is drawn once.
    if entry.deliveries or context.get("dated"):
        return _draw(entry, form=form, **context)
    key = _key(entry, form=form, **context)
    if (html := drawn.get(key)) is not None:
        return html
    return drawn.keep(key, _draw(entry, form=form, **context))


def _draw(entry: Entry, **context: Any) -> SafeString:
    frame = {"frame": "activity/history/_entry.html", "entry": entry}
    html = select_template(entry.event.templates).render({**context, **frame, "event": entry.event})
    return mark_safe(html)  # noqa: S308 - our own templates escaped it


def _key(
    entry: Entry, *, form: str, contact: Any, may_export: bool, may_merge: bool
) -> tuple[str, bytes]:
    """Return all that an entry depends on, as a digest: it may be long."""
    event = entry.event
    depends_on = (
        (event.uid, event.erased_by, event.actor_name, event.living and event.living.stamp),
        event.came_from and (event.came_from.pk, event.came_from.version),
        (entry.fields, entry.details, entry.is_hidden, entry.at),
        [row and row.version for row in (entry.before, entry.version)],
        (form, form and contact.version, may_export, may_merge),
        (translation.get_language(), timezone.get_current_timezone_name()),
    )
    return "entry", hashlib.blake2b(repr(depends_on).encode(), digest_size=16).digest()


@register.simple_tag(takes_context=True)
def held(context: template.Context, field: Difference, side: Side, mark: str = "") -> SafeString:
    """Draw what a field held in one version, with the button that puts it back.

    `mark` is the element around what is in that version only: "del", "ins", or none.
    """
    texts = format_html_join("", '<div dir="auto">{}</div>', _marked(side, mark))
    button = ""
    if side.version and context.get("form"):
        told = {"form": context["form"], "contact": context["contact"]}
        put_back = get_template("activity/history/_put_back.html")
        button = put_back.render(told | {"field": field, "side": side})
    return format_html(
        '<div class="held">{}{}</div>',
        texts or format_html('<span class="muted">{}</span>', _("empty")),
        button,
    )


def _marked(side: Side, mark: str) -> list[tuple[SafeString]]:
    lines = [(linebreaksbr(text), is_own) for text, is_own in side.texts]
    return [
        (format_html(f"<{mark}>{{}}</{mark}>", line) if is_own and mark else line,)
        for line, is_own in lines
    ]
