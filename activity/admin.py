"""The log in Django admin: to be read by administrators, changed by nobody.

Nothing here counts or sorts the whole log, so that a page costs the same at any size.
"""

import json
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from activity.catalogue import KINDS
from activity.models import ActivityEvent, ActivityExport, ActivityOrigin
from contacts.admin import ForAdministrators, LongList, ReadOnly
from contacts.models import Contact, DeletedContact


class EventList(ChangeList):
    """A page of events that knows their origins and contacts."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page, and what its rows show from elsewhere in one query each."""
        super().get_results(request)
        self.result_list = events = list(self.result_list)
        _attach(events)


class OriginList(ChangeList):
    """A page of origins that knows who they are of."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page and the users on it."""
        super().get_results(request)
        self.result_list = origins = list(self.result_list)
        people = get_user_model().objects.in_bulk({origin.actor_id for origin in origins})
        for origin in origins:
            origin.actor = people.get(origin.actor_id)


class KindFilter(admin.SimpleListFilter):
    """Events of one kind, as the catalogue lists them."""

    title = _("kind")
    parameter_name = "verb"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the kinds of the catalogue."""
        return [(kind.verb, kind.label) for kind in KINDS]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Return the events of the chosen kind."""
        return queryset.filter(verb=self.value()) if self.value() else queryset


class LogAdmin(ReadOnly, LongList, admin.ModelAdmin):
    """What the pages of events and of origins have in common."""

    actions = None
    list_per_page = 50


@admin.register(ActivityEvent)
class EventAdmin(LogAdmin):
    """Lists events, newest first, and shows all that is kept of one."""

    list_display = ("occurred_at", "who", "words", "contact", "channel")
    list_filter = (KindFilter,)
    ordering = ("-id",)
    search_fields = ("uid",)
    search_help_text = _("The id of an event or of a contact, as their addresses show it.")
    fieldsets = (
        (None, {"fields": ("words", "who", "contact", "occurred_at", "recorded_at", "came_from")}),
        (_("Record"), {"fields": ("id", "uid", "object", "content", "proof", "erased_by")}),
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the class of the list."""
        return EventList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Return the event of that id, else the events of the contact of that id."""
        if not search_term:
            return queryset, False
        try:
            wanted = UUID(search_term.strip())
        except ValueError:
            return queryset.none(), False
        named = queryset.filter(uid=wanted)
        return (named if named.exists() else queryset.filter(contact_id=wanted)), False

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> ActivityEvent | None:
        """Return the event with its origin and contact."""
        event = super().get_object(request, object_id, from_field)
        if event:
            _attach([event])
        return event

    @admin.display(description=_("who"))
    def who(self, event: ActivityEvent) -> str:
        """Return who did it, as they were called then."""
        return event.who

    @admin.display(description=_("what"))
    def words(self, event: ActivityEvent) -> str:
        """Return what happened in a few words."""
        return event.words

    @admin.display(description=_("contact"), empty_value="–")
    def contact(self, event: ActivityEvent) -> str | None:
        """Return a link to the contact, or to the receipt of one that was deleted."""
        if not event.contact_id:
            return None
        address = reverse("contact", args=[event.contact_id])
        return format_html('<a href="{}">{}</a>', address, event.contact_name)

    @admin.display(description=_("source"))
    def channel(self, event: ActivityEvent) -> str:
        """Return through what it came: web, admin, import, command ..."""
        return event.origin.channel

    @admin.display(description=_("origin"))
    def came_from(self, event: ActivityEvent) -> str:
        """Return a link to the request, task or command that wrote it."""
        address = reverse("admin:activity_activityorigin_change", args=[event.origin_id])
        return format_html('<a href="{}">{}</a>', address, event.origin)

    @admin.display(description=_("row"))
    def object(self, event: ActivityEvent) -> str:
        """Return which row it is about; without an id, all rows of that type."""
        return f"{event.object_type} {event.object_id or '*'}"

    @admin.display(description=_("content"))
    def content(self, event: ActivityEvent) -> str:
        """Return the payload as it is kept."""
        if event.is_erased:
            return gettext("Erased")
        return format_html("<pre>{}</pre>", json.dumps(event.payload, indent=2, ensure_ascii=False))

    @admin.display(description=_("commitment"))
    def proof(self, event: ActivityEvent) -> str:
        """Return the commitment to the payload, in hexadecimal."""
        return bytes(event.commitment).hex()


@admin.register(ActivityOrigin)
class OriginAdmin(LogAdmin):
    """Lists the requests, tasks and commands that wrote events, with the clients' addresses."""

    list_display = ("started_at", "who", "channel", "route", "address", "user_agent")
    ordering = ("-id",)
    fields = (*list_display, "id", "parent")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Return the class of the list."""
        return OriginList

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> ActivityOrigin | None:
        """Return the origin with its user."""
        origin = super().get_object(request, object_id, from_field)
        if origin:
            origin.actor = get_user_model().objects.filter(pk=origin.actor_id).first()
        return origin

    @admin.display(description=_("who"))
    def who(self, origin: ActivityOrigin) -> str:
        """Return whose it was."""
        return str(origin.actor or gettext("Annals"))


@admin.register(ActivityExport)
class ExportAdmin(ForAdministrators, LogAdmin):
    """Lists the files of the log that were asked for. What was searched for is not shown."""

    list_display = ("created_at", "made_by", "format", "state", "done", "total", "size", "error")
    list_select_related = ("made_by",)
    list_filter = ("state",)
    ordering = ("-id",)
    fields = (*list_display, "complete", "sha256", "finished_at", "expires_at", "attempts")


def _attach(events: list[ActivityEvent]) -> None:
    """Give the events their origins and the names of their contacts."""
    origins = ActivityOrigin.objects.in_bulk({event.origin_id for event in events})
    ids = {event.contact_id for event in events}
    names = {gone.pk: str(gone) for gone in DeletedContact.objects.filter(pk__in=ids)}
    names |= {here.pk: here.name for here in Contact.objects.defer("search").filter(pk__in=ids)}
    for event in events:
        event.origin = origins[event.origin_id]
        event.contact_name = names.get(event.contact_id, str(event.contact_id))
