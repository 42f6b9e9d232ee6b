"""`{% load activity_log %}`: what the log's rows say of an entry."""

from typing import Any

from django import template
from django.template.loader import select_template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from activity.catalogue import CATALOGUE
from activity.kind import Kind
from activity.log.choices import menu
from activity.log.filters import SOURCES, LogFilters
from activity.models import ActivityEvent

register = template.Library()


@register.filter
def title(event: ActivityEvent) -> str:
    """Return what happened in two words; of a kind since retired, its verb."""
    kind = CATALOGUE.get(event.verb)
    return kind_title(kind) if kind else event.verb


@register.filter
def source(channel: str) -> str:
    """Return through what something was done, as people call it."""
    return str(SOURCES.get(channel, channel))


@register.simple_tag
def details(event: ActivityEvent) -> SafeString:
    """Draw what there is to tell of an entry, by its kind's template or by the one for any."""
    names = [f"activity/details/{event.verb}.html", "activity/details/any.html"]
    return select_template(names).render({"event": event, "payload": event.payload or {}})


@register.filter
def kind_title(kind: Kind) -> str:
    """Return what one event of a kind is called."""
    return str(kind.title or kind.label)


@register.simple_tag
def kept(filters: LogFilters, *names: str) -> SafeString:
    """Draw what a form of the log keeps of the address: all but these names."""
    return format_html_join(
        "",
        '<input type="hidden" name="{}" value="{}">',
        (pair for pair in filters.pairs if pair[0] not in names),
    )


@register.inclusion_tag("activity/log/_choices.html")
def choices(filters: LogFilters, name: str) -> dict[str, Any]:
    """Draw whom a menu offers before anything is typed."""
    return menu(filters, name, "")
