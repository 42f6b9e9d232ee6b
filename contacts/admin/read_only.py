"""Pages of Django admin that only show."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _


class ReadOnly:
    """Takes adding, changing and deleting out of an admin page."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    has_change_permission = has_delete_permission = has_add_permission


class ForAdministrators(ReadOnly):
    """Shows to administrators what has no permission of its own."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether this user may enter the administration."""
        return request.user.has_perm("accounts.access_admin")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Tell the same, for the first page."""
        return self.has_view_permission(request)


class FoundByContact:
    """For a ModelAdmin whose rows are found by the id of their contact, by an index."""

    search_fields = ("contact_id",)
    search_help_text = _("The id of a contact, as its address shows it.")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Return the rows of the contact of that id."""
        if not search_term:
            return queryset, False
        found = of_contact(queryset, search_term)
        return queryset.none() if found is None else found, False


def of_contact(rows: QuerySet, typed: str) -> QuerySet | None:
    """Return the rows of the contact whose id was typed; None where it is no id."""
    try:
        return rows.filter(contact_id=UUID(typed.strip()))
    except ValueError:
        return None


@admin.display(description=_("contact"))
def contact_link(page: admin.ModelAdmin, row: Any) -> str:
    """Lead to the page of the contact that a row belongs to; a page takes it for its own method."""
    return format_html('<a href="{}">{}</a>', row.contact.get_absolute_url(), row.contact)
