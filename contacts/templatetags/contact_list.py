"""`{% load contact_list %}`: the rows of the list of contacts.

All that a row shows but the time is part of its contact's version, or of what it is kept under, so
that it is drawn once for each language and kept in the process.
"""

from hashlib import blake2b
from typing import Any

from django import template
from django.core.cache import caches
from django.template.loader import get_template
from django.utils import translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from contacts.models import Contact

register = template.Library()

TIME = "\0"  # stands in a drawn row where the time goes; PostgreSQL holds no text with it


@register.simple_tag
def contact_row(contact: Contact, event: Any, time: str, selectable: bool = False) -> SafeString:
    """Draw a contact's row.

    `event` is its newest one, if any, and `time` says when that was; `selectable` adds a box to
    tick.
    """
    words = event.words if event else ""
    state = (contact.pk, contact.version, contact.owner, bool(selectable), words)
    told = "\n".join(map(str, (*state, translation.get_language())))
    key = blake2b(told.encode(), digest_size=16).hexdigest()
    parts = caches["rows"].get(key)
    if parts is None:
        shown = {"contact": contact, "words": words, "selectable": selectable, "time": TIME}
        parts = get_template("contacts/_row.html").render(shown).split(TIME)
        caches["rows"].set(key, parts)
    before, after = map(mark_safe, parts)
    return format_html("{}{}{}", before, time, after)
