"""`{% load activity %}`: a contact's timeline and what else pages say about events."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from django import template
from django.template.context import RequestContext
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from activity import people
from activity import timeline as timelines
from activity.catalogue import LIVING, OF_CONTACTS
from activity.filters import Filters
from activity.kind import Kind
from activity.models import ActivityEvent
from activity.rows import Pen, drawn
from contacts.models import Contact, Tracked
from contacts.models.deletion import COUNTED

register = template.Library()

EVENTS_COUNTED = 10_000  # beyond this, "10,000+"


@register.inclusion_tag("activity/_timeline.html", takes_context=True)
def timeline(context: RequestContext, contact: Contact | None = None, pk: Any = None) -> dict:
    """Draw a contact's timeline, as the page's address asks for it: filters, `before`, `at`.

    Of a deleted contact give the `pk`: its events are still there, without personal data.
    """
    query = context["request"].GET
    page = timelines.read(
        contact.pk if contact else pk,
        Filters.read(query),
        contact=contact,
        before=number(query.get("before")),
        at=number(query.get("at")),
    )
    return {
        **context.flatten(),
        "contact": contact,
        "timeline": page,
        "kinds": [kind for kind in OF_CONTACTS if not kind.on_row],
        "people": people.offered() if contact else (),
    }


@register.inclusion_tag("activity/newer.html", takes_context=True)
def newer(context: RequestContext, contact: Contact, after: int) -> dict:
    """Draw what happened after that event as parts that join the page's timeline."""
    page = timelines.read(contact.pk, Filters(), contact=contact, after=after)
    first_day = timelines.day_of(page.follows) if page.follows else None
    return {**context.flatten(), "contact": contact, "timeline": page, "first_day": first_day}


@register.simple_tag(takes_context=True)
def rows(context: RequestContext, *events: Any) -> SafeString:
    """Draw rows: events and folds, each by itself or a list of them."""
    listed = chain.from_iterable(e if isinstance(e, list | tuple) else [e] for e in events)
    return Pen(context["user"], context["timeline"].linked).draw(listed)


@register.simple_tag
def kind_choices(kinds: Sequence[Kind], chosen: frozenset[str]) -> SafeString:
    """Draw the kinds to filter by; the menu in which none is chosen only once."""
    key = ("kinds", len(kinds), get_language())
    if not chosen and (html := drawn.get(key)) is not None:
        return html
    html = render_to_string("activity/kind_choices.html", {"kinds": kinds, "chosen": chosen})
    return html if chosen else drawn.keep(key, html)


@register.simple_tag(takes_context=True)
def living_row(context: RequestContext, living: Tracked) -> SafeString:
    """Draw the row of a comment, message, invitation or share anew, after it changed."""
    event = ActivityEvent.objects.get(object_id=living.pk, verb__in=LIVING)
    event.living = living
    event.came_from = living.contact if living.contact.merged_into else None
    return Pen(context["user"]).draw([event])


@register.simple_tag
def latest_events(contacts: Iterable[Contact]) -> dict[Any, ActivityEvent]:
    """Return {contact id: its newest event} for a list of contacts, in one query."""
    return ActivityEvent.objects.newest_of_each([contact.pk for contact in contacts])


@register.simple_tag
def last_archived(contact: Contact) -> ActivityEvent | None:
    """Return the event by which an archived contact was put away."""
    return ActivityEvent.objects.of(contact.pk).filter(verb="contact.archived").first()


@register.simple_tag
def receipt(contact_id: Any) -> ActivityEvent:
    """Return the event by which a contact was deleted."""
    return ActivityEvent.objects.get(object_id=contact_id, verb="contact.deleted")


@register.simple_tag
def erased_things(event: ActivityEvent) -> list[tuple[Any, int]]:
    """Return what went with a deleted contact, by its receipt: how it is called, and how many."""
    counts = event.payload["counts"]
    things: list[tuple[Any, int]] = [
        (label, counts.get(name, 0)) for name, label in COUNTED.items()
    ]
    erasures = ActivityEvent.objects.filter(object_id=event.object_id, verb="privacy.erased")
    # Others may have been erased in it before: from its own events, once it had been merged.
    erasure = erasures.filter(contact_id=event.object_id).order_by("id").last()
    if erasure and erasure.payload:
        things.append((gettext("Log contents"), erasure.payload["events"]))
    return [(label, count) for label, count in things if count]


@register.simple_tag
def event_count(contact: Contact) -> int:
    """Return how many events a contact has, counted up to EVENTS_COUNTED + 1."""
    return ActivityEvent.objects.of(*contact.all_ids)[: EVENTS_COUNTED + 1].count()


@register.simple_tag(takes_context=True)
def querystring_before(context: RequestContext, event_id: int) -> str:
    """Return the page's filters with `before` set to that event, for the link to what is older."""
    query = context["request"].GET.copy()
    query.pop("at", None)
    query["before"] = str(event_id)
    return query.urlencode()


@register.filter
def item(mapping: dict, key: Any) -> Any:
    """Return an entry of a dict by a key that is a variable."""
    return mapping.get(key)


def number(text: str | None) -> int | None:
    """Return an event id from an address, None where it is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
