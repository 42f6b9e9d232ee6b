"""What the tools above a timeline say: the groups with their counts, and a chip for each filter."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activity.catalogue import CATALOGUE
from activity.filters import EVERYTHING, Filters
from activity.log.chips import days
from activity.log.choices import name_of
from activity.timeline import COUNTED, Page

GROUPS = {
    "": gettext_lazy("All"),
    "people": gettext_lazy("People"),
    "changes": gettext_lazy("Changes"),
}


class Group(NamedTuple):
    """A part of the timeline to choose: its name in forms, its label, how many, and whether on."""

    name: str
    label: Any
    counted: str
    is_on: bool


class Chip(NamedTuple):
    """A filter in words, and the query string without it."""

    words: str
    without: str


def groups(page: Page) -> list[Group]:
    """Return the parts of a timeline, counted where that does not cost a second search."""
    return [
        Group(
            name or EVERYTHING,
            label,
            _count(page.tally[place], page.is_tally_cut) if page.tally else "",
            page.filters.group == name,
        )
        for place, (name, label) in enumerate(GROUPS.items())
    ]


def _count(count: int, is_more: bool) -> str:
    shown = intcomma(min(count, COUNTED))
    return _("%(count)s+") % {"count": shown} if is_more else shown


def chips(filters: Filters, people: Sequence[Any], choice: str) -> list[Chip]:
    """Return a chip for each filter but the group, in the order of the tools.

    `people` are those whose names are known already; `choice` is the group that the reader would
    be shown without any filter.
    """
    return [
        Chip(words, filters.without(name, value).query(choice))
        for words, name, value in _said(filters, people)
    ]


def _said(filters: Filters, people: Sequence[Any]) -> Iterator[tuple[str, str, str | None]]:
    if filters.words:
        yield f"“{filters.words}”", "words", None
    for verb in CATALOGUE:
        if verb in filters.kinds:
            yield str(CATALOGUE[verb].label), "kinds", verb
    if filters.actor:
        known = {person.pk: person.name for person in people}
        name = known.get(filters.actor) or name_of(filters.actor)
        yield _("By %(name)s") % {"name": name} if name else _("By a former member"), "actor", None
    if filters.since or filters.until:
        yield days(filters.since, filters.until), "dates", None
