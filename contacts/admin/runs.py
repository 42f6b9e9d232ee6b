"""Imports, bulk actions and receipts of deleted contacts in Django admin: to be read."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from contacts.admin.first_rows import LongList
from contacts.admin.read_only import ForAdministrators, FoundByContact
from contacts.models import BulkRun, DeletedContact, ImportRun


class Listed(ForAdministrators, LongList, admin.ModelAdmin):
    """What the pages of runs and receipts have in common."""

    actions = None
    list_per_page = 50
    ordering = ("-pk",)

    @admin.display(description=_("progress"))
    def progress(self, run: Any) -> str:
        """Return how much of it is done."""
        return f"{run.done} / {run.total}"

    @admin.display(description=_("page"))
    def page(self, run: Any) -> str:
        """Lead to the run's own page, which says what it left out and why."""
        return format_html('<a href="{}">{}</a>', run.get_absolute_url(), run)


@admin.register(ImportRun)
class ImportRunAdmin(Listed):
    """Lists imports, newest first: how far each is, and how many rows it left out."""

    list_display = (
        *("uploaded_at", "name", "state", "progress", "created", "updated", "skipped", "failed"),
        *("started_by", "page"),
    )
    list_select_related = ("started_by",)
    list_filter = ("state", "format")
    fields = (
        *("page", "state", "progress", "created", "updated", "skipped", "failures", "problem"),
        *("format", "source", "existing", "dry_run", "attempts", "started_by"),
        *("uploaded_at", "started_at", "touched_at", "finished_at"),
    )

    @admin.display(description=_("failed"))
    def failures(self, run: ImportRun) -> str:
        """Return how many rows failed, and where they are."""
        if not run.failed:
            return "0"
        address = reverse("import_failures", args=[run.pk])
        return format_html('<a href="{}">{}</a>', address, run.failed)


@admin.register(BulkRun)
class BulkRunAdmin(Listed):
    """Lists actions on many contacts, newest first."""

    list_display = (
        *("created_at", "page", "state", "progress", "skipped", "failed", "started_by"),
    )
    list_select_related = ("started_by",)
    list_filter = ("state",)
    fields = (
        *("page", "state", "progress", "skipped", "failed", "problem", "attempts", "started_by"),
        *("created_at", "started_at", "touched_at", "finished_at"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Leave the contacts it is for to the run's own page: there may be very many."""
        return super().get_queryset(request).defer("contact_ids")


@admin.register(DeletedContact)
class DeletedContactAdmin(FoundByContact, Listed):
    """Lists receipts of deleted contacts, newest first; names go after DELETED_NAME_DAYS."""

    list_display = ("deleted_at", "__str__", "contact_id", "name_goes_at")
    ordering = ("-deleted_at",)
    fields = ("contact_id", "deleted_at", "name", "receipt")

    @admin.display(description=_("receipt"))
    def receipt(self, deleted: DeletedContact) -> str:
        """Lead to the receipt."""
        address = reverse("contact", args=[deleted.pk])
        return format_html('<a href="{}">{}</a>', address, deleted)
