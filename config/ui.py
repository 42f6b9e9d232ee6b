"""What every template may use without loading it: icons, avatars, and times as people say them.

Django makes this library a builtin (TEMPLATES in config/settings.py).
"""

import datetime
import functools
import re
import unicodedata
import zlib
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from activity.context import current

register = template.Library()

HUES = 8  # .h1 to .h8 in static/css/avatar.css
ENDS_OF_PARTS = re.compile(r"([@./]+)(?=[^@./])")
# Icons that point along the line of reading: turned round where it runs from right to left.
ALONG = frozenset({"arrow-right", "chevron-left", "chevron-right", "log-out"})


@register.simple_tag
@functools.lru_cache(maxsize=1_000)  # some 150 different ones, drawn 100 times on a page
def icon(name: str, classes: str = "") -> SafeString:
    """Draw an icon of static/icons.svg. It is hidden from screen readers: name the control."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        " ".join(filter(None, ("i", classes, name in ALONG and "along"))),
        static("icons.svg"),
        name,
    )


@register.simple_tag
def avatar(person: Any, classes: str = "") -> SafeString:
    """Draw the initials of a user or contact; None is the system itself.

    `classes` are those of .av: sm, md, lg, xl for the size, sq for a contact, node on the rail.
    """
    if person is None:
        return format_html(
            '<span class="av sysav{}" aria-hidden="true">{}</span>',
            classes and f" {classes}",
            icon("cog"),
        )
    return format_html(
        '<span class="av {}{}" aria-hidden="true">{}</span>',
        hue(person),
        classes and f" {classes}",
        initials(person),
    )


@register.simple_tag
def request_id() -> str:
    """Return the id of the request at hand, by which whoever runs Annals finds it in the logs."""
    return str(current().id)


@register.filter
def hue(value: Any) -> str:
    """Return the colour class of a record or a word, h1 to h8: the same one always and anywhere."""
    key = str(getattr(value, "pk", value))
    return f"h{zlib.crc32(key.encode()) % HUES + 1}"


@register.filter
def initials(value: Any) -> str:
    """Return at most two letters for a name: the first one of its first and of its last word.

    A contact's honorific and suffix are left out, and so is what an email address has after @.
    """
    parts = (getattr(value, "given_name", ""), getattr(value, "family_name", ""))
    name = " ".join(filter(None, parts)) or getattr(value, "name", "") or str(value or "")
    name = unicodedata.normalize("NFC", name).split("@")[0]
    words = [word for word in name.split() if any(map(str.isalnum, word))]
    letters = [next(filter(str.isalnum, word)).upper()[0] for word in words[:1] + words[1:][-1:]]
    return "".join(letters) or "?"


@register.filter
def breakable(address: str) -> SafeString:
    """Return an email or web address that breaks after "@", "." and "/" where a line is narrow."""
    return mark_safe(ENDS_OF_PARTS.sub(r"\1<wbr>", escape(address)))  # noqa: S308  escaped


@register.filter(expects_localtime=True)
def clock(value: datetime.datetime | None) -> SafeString | str:
    """Return the time of day in the viewer's zone, with the full date and zone on hover."""
    return _time(value, date_format(value, "H:i")) if value else ""


@register.filter(expects_localtime=True)
def when(value: datetime.datetime | None) -> SafeString | str:
    """Return how long ago, as lists say it: 2 min, 5 h, Yesterday, Wed, 12 Nov, 12 Nov 2025."""
    return _time(value, _ago(value, timezone.localtime())) if value else ""


@register.filter(expects_localtime=True)
def moment(value: datetime.datetime | None) -> SafeString | str:
    """Return date and time in the viewer's zone for use in a sentence: 19 November 2026, 14:02."""
    return (
        _time(value, date_format(value, pgettext("date and time", "j F Y, H:i"))) if value else ""
    )


@register.filter(expects_localtime=True)
def day_title(value: datetime.date | None) -> SafeString | str:
    """Return the heading of a day: Today, Yesterday, or its name; the year where it isn't this."""
    if not value:
        return ""
    day = value.date() if isinstance(value, datetime.datetime) else value
    return _day_title(day, timezone.localdate(), get_language())


@functools.lru_cache(maxsize=1_000)  # a page has up to fifty, and they are the same for everybody
def _day_title(day: datetime.date, today: datetime.date, language: str | None) -> SafeString | str:
    form = pgettext("date", "l j F") if day.year == today.year else pgettext("date", "l j F Y")
    date = date_format(day, form)
    near = {0: _("Today"), 1: _("Yesterday")}.get((today - day).days)
    return format_html('{} <span class="muted">{}</span>', near, date) if near else date


def _time(value: datetime.datetime, words: str) -> SafeString:
    full = date_format(value, pgettext("full date and time", "l j F Y, H:i:s"))
    zone = value.tzname() or ""
    return format_html(
        '<time datetime="{}" title="{} {}">{}</time>',
        value.isoformat(timespec="seconds"),
        full,
        zone,
        words,
    )


def _ago(value: datetime.datetime, now: datetime.datetime) -> str:
    # Two times of one zone are subtracted as clocks show them: not so over a change of the clocks.
    age = now.astimezone(datetime.UTC) - value.astimezone(datetime.UTC)
    minutes = int(age.total_seconds() // 60)
    days = (now.date() - value.date()).days
    if (days < 0 and minutes < -1) or days >= 7:
        same_year = value.year == now.year
        return date_format(
            value, pgettext("short date", "j M") if same_year else pgettext("short date", "j M Y")
        )
    if minutes < 1:
        return _("Now")
    if minutes < 60:
        return ngettext("%(count)d min", "%(count)d min", minutes) % {"count": minutes}
    if age < datetime.timedelta(hours=24):
        hours = minutes // 60
        return ngettext("%(count)d h", "%(count)d h", hours) % {"count": hours}
    return _("Yesterday") if days == 1 else date_format(value, "D")
