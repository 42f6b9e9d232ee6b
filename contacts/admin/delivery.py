"""The outbox in Django admin: read exactly as it leaves, sent again, taken back, never changed."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from contacts.admin.acting import act
from contacts.admin.first_rows import LongList
from contacts.admin.read_only import ReadOnly, contact_link, of_contact
from contacts.models import Delivery


class CarriedFilter(admin.SimpleListFilter):
    """Deliveries by what they carry."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return what a delivery may carry."""
        return [
            ("message", _("Message")),
            ("invitation", _("Invitation")),
            ("share", _("Share")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Return the deliveries that carry it."""
        kinds = {kind for kind, _label in self.lookup_choices}
        value = self.value()
        return queryset.filter(~Q(**{value: None})) if value in kinds else queryset


class AgeFilter(admin.SimpleListFilter):
    """Deliveries by when they were written."""

    title = _("age")
    parameter_name = "age"
    PERIODS = {
        "hour": (timedelta(hours=1), _("Past hour")),
        "day": (timedelta(days=1), _("Past 24 hours")),
        "week": (timedelta(days=7), _("Past 7 days")),
        "month": (timedelta(days=30), _("Past 30 days")),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the periods, and what is older than all of them."""
        periods = [(name, label) for name, (_period, label) in self.PERIODS.items()]
        return [*periods, ("older", _("Older than 30 days"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Return the deliveries of the period."""
        now = timezone.now()
        if self.value() == "older":
            return queryset.filter(created_at__lt=now - self.PERIODS["month"][0])
        if self.value() not in self.PERIODS:
            return queryset
        return queryset.filter(created_at__gte=now - self.PERIODS[self.value()][0])


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, LongList, admin.ModelAdmin):
    """Lists deliveries, newest first, and does what can be done on the contact's page, for many."""

    actions = ("send_again", "note_arrived", "take_back")
    of_contact = contact_link
    list_display = ("created_at", "state", "recipient", "subject", "contact", "attempts", "error")
    list_select_related = ("contact",)
    list_filter = ("state", CarriedFilter, AgeFilter)
    list_per_page = 50
    search_fields = ("recipient", "mail_id", "contact_id")
    search_help_text = _("An address, a Message-ID, or the id of a contact or a delivery.")
    ordering = ("-created_at", "-id")  # as the indexes of states have it
    fieldsets = (
        (None, {"fields": (
            "state", "recipient", "of_contact", "attempts", "error",
            "created_at", "due_at", "claimed_at", "finished_at", "delivered_at",
        )}),
        (_("Mail"), {"fields": ("header", "plain", "files", "told")}),
        (_("HTML"), {"fields": ("source",), "classes": ("collapse",)}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """Leave what is long to the page of one delivery."""
        return super().get_queryset(request).defer("text", "html", "attachments", "disclosed")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Return the mails to an address, of a contact, or of that Message-ID."""
        typed = search_term.strip()
        if not typed:
            return queryset, False
        found = of_contact(queryset, typed)
        if found is not None:  # the id may be a delivery's own
            found = found if found.exists() else queryset.filter(pk=typed)
        else:
            by = {"mail_id": typed} if typed.startswith("<") else {"recipient": typed.lower()}
            found = queryset.filter(**by)
        return found, False

    @admin.action(description=_("Send selected mails again"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Send again what did not arrive, each with its event."""
        done = ngettext_lazy(
            "%(count)d mail is sent again.", "%(count)d mails are sent again.", "count"
        )
        act(request, queryset, lambda pk: Delivery.objects.repeat(pk, by=request.user), done)

    @admin.action(description=_("Note that selected mails arrived"))
    def note_arrived(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Note of mails that perhaps left that they arrived, each with its event."""
        done = ngettext_lazy(
            "Noted that %(count)d mail arrived.", "Noted that %(count)d mails arrived.", "count"
        )
        act(request, queryset, Delivery.objects.note_arrived, done)

    @admin.action(description=_("Take selected mails back before they leave"))
    def take_back(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Take back what is queued, each with its event; an invitation is revoked with it."""
        done = ngettext_lazy(
            "%(count)d mail is taken back.", "%(count)d mails are taken back.", "count"
        )
        by = request.user
        act(request, queryset, lambda pk: Delivery.objects.take_back(pk, by=by), done)

    @admin.display(description=_("header"))
    def header(self, delivery: Delivery) -> str:
        """Return the header, but for what each attempt adds anew, such as the date."""
        lines = {
            "From": delivery.sender,
            "To": delivery.recipient,
            "Subject": delivery.subject,
            "Message-ID": delivery.mail_id,
        } | delivery.headers
        return _as_is("\n".join(f"{name}: {value}" for name, value in lines.items()))

    @admin.display(description=_("text"))
    def plain(self, delivery: Delivery) -> str:
        """Return the text; a placeholder stands for the link that only its recipient got."""
        return _as_is(delivery.text)

    @admin.display(description=_("source"))
    def source(self, delivery: Delivery) -> str:
        """Return the source of the HTML."""
        return _as_is(delivery.html)

    @admin.display(description=_("files"))
    def files(self, delivery: Delivery) -> str:
        """Name the files."""
        return ", ".join(each["name"] for each in delivery.attachments) or gettext("None")

    @admin.display(description=_("disclosed"))
    def told(self, delivery: Delivery) -> str:
        """Return the fields of the contact that it tells."""
        lines = [f"{item['label']}: {', '.join(item['value'])}" for item in delivery.disclosed]
        return _as_is("\n".join(lines)) if lines else gettext("None")


def _as_is(text: str) -> str:
    return format_html("<pre>{}</pre>", text)
