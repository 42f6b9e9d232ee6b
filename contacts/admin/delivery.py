"""The outbox in Django admin: to be read, exactly as it leaves, changed by nobody."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts.admin.first_rows import FirstRows
from contacts.admin.read_only import ReadOnly, of_contact
from contacts.models import Delivery


@admin.register(Delivery)
class DeliveryAdmin(ReadOnly, admin.ModelAdmin):
    """Lists deliveries, newest first. What can be done about one is done on the contact's page."""

    actions = None
    list_display = ("created_at", "state", "recipient", "subject", "contact", "attempts", "error")
    list_select_related = ("contact",)
    list_filter = ("state",)
    list_per_page = 50
    paginator = FirstRows
    search_fields = ("recipient", "mail_id", "contact_id")
    search_help_text = _("An address, a Message-ID, or the id of a contact.")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    ordering = ("-id",)
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
        if found is None:
            found = queryset.filter(Q(recipient=typed.lower()) | Q(mail_id=typed))
        return found, False

    @admin.display(description=_("contact"))
    def of_contact(self, delivery: Delivery) -> str:
        """Lead to the contact's page."""
        contact = delivery.contact
        return format_html('<a href="{}">{}</a>', contact.get_absolute_url(), contact)

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
