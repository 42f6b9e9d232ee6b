"""What the log is narrowed to, one chip for each thing, with the address that takes it off."""

import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from activity.log.choices import name_of, names_of_contacts
from activity.log.filters import GROUPS, LABELS, SOURCES, LogFilters


class Chip(NamedTuple):
    """What it says, and the query string of the log without it."""

    words: str
    without: str


def chips(filters: LogFilters) -> list[Chip]:
    """Return a chip for each thing asked for, in the order of the menus."""
    found = [
        Chip(str(GROUPS[name][0]), filters.without("group", value=name))
        for name in GROUPS
        if name in filters.groups
    ]
    found += [
        Chip(str(LABELS[verb]), filters.without("kind", value=verb))
        for verb in LABELS
        if verb in filters.kinds
    ]
    if filters.actor:
        name = name_of(filters.actor)
        words = _("By %(name)s") % {"name": name} if name else _("By a former member")
        found.insert(0, Chip(words, filters.without("actor")))
    if filters.contact:
        name = names_of_contacts([filters.contact]).get(filters.contact) or _("Deleted contact")
        words = _("Contact: %(name)s") % {"name": name}
        found.append(Chip(words, filters.without("contact")))
    if filters.since or filters.until:
        found.append(Chip(days(filters.since, filters.until), filters.without("from", "to")))
    if filters.source:
        words = _("Source: %(name)s") % {"name": SOURCES[filters.source]}
        found.append(Chip(words, filters.without("source")))
    if filters.words:
        found.append(Chip(f"“{filters.words}”", filters.without("q")))
    return found


def days(since: datetime.date | None, until: datetime.date | None) -> str:
    """Return a range of days in words: 22 October to 20 November."""
    if since and since == until:
        return _day(since)
    if since and until:
        return _("%(first)s to %(last)s") % {"first": _day(since), "last": _day(until)}
    if since:
        return _("Since %(first)s") % {"first": _day(since)}
    return _("Until %(last)s") % {"last": _day(until)} if until else _("Any date")


def _day(day: datetime.date) -> str:
    is_this_year = day.year == timezone.localdate().year
    return date_format(day, pgettext("date", "j F") if is_this_year else pgettext("date", "j F Y"))
