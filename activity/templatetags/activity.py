"""`{% load activity %}`: a contact's timeline and what else pages say about events."""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from django import template
from django.template.context import RequestContext
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from activity import asked, catch_up, people, toolbar
from activity import timeline as timelines
from activity.catalogue import GROUPS, LIVING, OF_CONTACTS
from activity.filters import Filters
from activity.folding import day_of
from activity.kind import Kind
from activity.models import ActivityEvent
from activity.rows import Pen, drawn
from contacts.models import Contact, Pin, Tracked
from contacts.models.deletion import COUNTED

register = template.Library()

EVENTS_COUNTED = 10_000  # beyond this, "10,000+"


@register.inclusion_tag("activity/_timeline.html", takes_context=True)
def timeline(
    context: RequestContext,
    contact: Contact | None = None,
    pk: Any = None,
    filters: Filters | None = None,
) -> dict:
    """Draw a contact's timeline, as the page's address asks for it: filters, `before`, `at`, `day`.

    Of a deleted contact give the `pk`: its events are still there, without personal data. `filters`
    are those of a fragment; a page without any opens with the part that was chosen last.
    """
    query, viewer = context["request"].GET, context["user"]
    choice = viewer.timeline_group if contact else ""
    wanted = Filters.read(query, choice) if filters is None else filters
    at, day = number(query.get("at")), asked.day(query.get("day", ""))
    before = number(query.get("before"))
    is_newest = contact and filters is None and wanted.is_group_alone and not (at or day or before)
    news = catch_up.since(viewer, contact) if is_newest else None
    page = timelines.read(
        contact.pk if contact else pk,
        wanted,
        contact=contact,
        before=before,
        at=at,
        day=day,
        looked=news.event_id if news else None,
    )
    offered = people.offered() if contact else []
    return {
        **context.flatten(),
        "contact": contact,
        "timeline": page,
        "news": news,
        "kinds": [kind for kind in OF_CONTACTS if not kind.on_row],
        "people": offered,
        "groups": toolbar.groups(page),
        "chips": toolbar.chips(page.filters, offered, choice),
        "everything": Filters().query(choice),
        "unplaced": page.filters.query(choice),
        "is_fragment": filters is not None,
        "by_choice": filters is None and wanted and wanted != Filters.read(query),
    }


@register.inclusion_tag("activity/newer.html", takes_context=True)
def newer(context: RequestContext, contact: Contact, after: int) -> dict:
    """Draw what happened after that event as parts that join the page's timeline.

    The page says which group of events it shows (`showing`), and which day on top (`top_day`). What
    the viewer did is shown in any case.
    """
    request = context["request"]
    shown = request.POST if request.method == "POST" else request.GET
    group = shown.get("showing", "")
    filters = Filters(group=group, own=context["user"].pk) if group in GROUPS else Filters()
    page = timelines.read(contact.pk, filters, contact=contact, after=after)
    follows = day_of(page.follows) if page.follows else None
    first_day = asked.day(shown["top_day"]) if "top_day" in shown else follows
    return {**context.flatten(), "contact": contact, "timeline": page, "first_day": first_day}


@register.simple_tag(takes_context=True)
def rows(context: RequestContext, *events: Any) -> SafeString:
    """Draw rows: events and folds, each by itself or a list of them."""
    listed = chain.from_iterable(e if isinstance(e, list | tuple) else [e] for e in events)
    page = context["timeline"]
    words, is_outside = page.filters.words, page.is_outside
    pen = Pen(context["user"], page.linked, words, page.pinned, is_outside=is_outside)
    return pen.draw(listed)


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
    pinned = [event] if Pin.objects.filter(event_id=event.pk).exists() else []
    return Pen(context["user"], pinned=pinned).draw([event])


@register.simple_tag(takes_context=True)
def pinned_entries(
    context: RequestContext,
    contact: Contact,
    pinned: Sequence[ActivityEvent],
    answers: bool = False,
) -> SafeString:
    """Draw what is pinned above a timeline, kept as rows are; `answers`: it was just changed."""
    may_unpin = context["user"].has_perm("contacts.add_comment")
    told = [(each.uid, each.actor_name, each.living and each.living.stamp) for each in pinned]
    zone = timezone.get_current_timezone_name()
    key = ("pinned", contact.pk, may_unpin, answers, *told, get_language(), zone)
    if (html := drawn.get(key)) is not None:
        return html
    shown = {"contact": contact, "pinned": pinned, "answers": answers, "may_unpin": may_unpin}
    return drawn.keep(key, render_to_string("activity/_pinned.html", shown))


@register.simple_tag(takes_context=True)
def pinned_row(context: RequestContext, event: ActivityEvent) -> SafeString:
    """Draw the row of an entry anew, where those that are `pinned` are others than before."""
    return Pen(context["user"], pinned=context["pinned"]).draw([event])


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
def query_at(context: RequestContext, **place: int) -> str:
    """Return the query string of the same filters at a place: `before` or `at` an event."""
    return context["timeline"].filters.query(context["user"].timeline_group, **place)


@register.filter
def item(mapping: dict, key: Any) -> Any:
    """Return an entry of a dict by a key that is a variable."""
    return mapping.get(key)


def number(text: str | None) -> int | None:
    """Return an event id from an address, None where it is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
