"""Contacts in Django admin. All writes go through the model's own verbs."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminTextareaWidget
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.admin import SimpleHistoryAdmin
from simple_history.template_utils import HistoricalRecordContextHelper

from contacts.admin.first_rows import LongList
from contacts.forms.fields import LineField, PhonesField, RepeatedField
from contacts.models import Contact, Tag
from contacts.values import read_email, read_phone, read_tags, read_website


class LinesInput(AdminTextareaWidget):
    """Several values, one on each line."""

    def __init__(self) -> None:
        super().__init__({"rows": 3})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """Return the lines."""
        return data.get(name, "").splitlines()

    def format_value(self, value: Any) -> str:
        """Return the values one below the other."""
        return "\n".join(value or [])


class ContactAdminForm(forms.ModelForm):
    """A contact as it stands in the table, with the version that was opened."""

    opened_version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    emails = RepeatedField(
        label=_("Email"), read=read_email, input_type="email", widget=LinesInput, required=False,
        help_text=_("One on each line, the primary one first."),
    )  # fmt: skip
    phones = PhonesField(
        label=_("Phone"), read=read_phone, input_type="tel", widget=LinesInput, required=False,
        help_text=_("One on each line, the primary one first."),
    )  # fmt: skip
    tags = RepeatedField(
        label=_("Tags"), read=str, input_type="text", widget=LinesInput, required=False,
        help_text=_("One on each line."),
    )  # fmt: skip
    website = LineField(label=_("Website"), read=read_website, max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("emails", "phones", "tags", "website"):
            self.fields[name].known = getattr(self.instance, name)
        self.initial["opened_version"] = self.instance.version

    def clean_tags(self) -> list[str]:
        """Return the tags as they were first spelled by anybody."""
        return Tag.spelled(read_tags(self.cleaned_data["tags"]))

    def clean(self) -> dict[str, Any]:
        """Refuse what was typed over an older version, once: the form then holds the current one.

        The refusal names what would be replaced, so that saving again is a decision.
        """
        super().clean()
        contact = self.instance
        opened = self.cleaned_data.get("opened_version")
        if not contact._state.adding and opened != contact.version:
            data = self.data.copy()
            data["opened_version"] = contact.version
            self.data = data
            self.add_error(None, self._conflict(self.cleaned_data))
        return self.cleaned_data

    def _conflict(self, cleaned: dict[str, Any]) -> ValidationError:
        stored = {}
        for name in self.fields:
            if name == "opened_version" or name not in cleaned:
                continue
            field = Contact._meta.get_field(name)
            now, typed = field.value_from_object(self.instance), cleaned[name]
            if now != getattr(typed, "pk", typed):
                shown = self.instance.displayed(field.attname, now) or gettext("nothing")
                stored[capfirst(field.verbose_name)] = (
                    ", ".join(shown) if isinstance(shown, list) else shown
                )
        return ValidationError(
            gettext(
                "Somebody changed this contact while the form was open. What you typed is kept "
                "below and not saved yet. Stored now: %(stored)s. Save again to replace it, or "
                "open the page anew to start from it."
            ),
            code="stale",
            params={"stored": "; ".join(f"{label}: {value}" for label, value in stored.items())},
        )


class VersionHelper(HistoricalRecordContextHelper):
    """Shows lists of values as people write them."""

    def prepare_delta_change_value(self, change: Any, value: Any) -> Any:
        """Return several values with commas between them."""
        if isinstance(value, list):
            return ", ".join(value)
        return super().prepare_delta_change_value(change, value)


@admin.register(Contact)
class ContactAdmin(LongList, SimpleHistoryAdmin):
    """Edits one contact at a time. Deleting asks for the name: on the contact's own page."""

    form = ContactAdminForm
    list_display = ("name", "organisation", "email", "phone", "owner", "archived_at")
    list_select_related = ("owner",)
    list_filter = (("archived_at", admin.EmptyFieldListFilter), "owner")
    search_fields = ("search",)
    search_help_text = _("Beginnings of words in names, companies, cities, emails, phones, tags.")
    ordering = ("sort_name", "id")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the contacts that are their own: a merged one is changed through its survivor."""
        contacts: Any = super().get_queryset(request)
        return contacts.unmerged()

    readonly_fields = ("archived_at", "created_at", "last_activity_at")
    object_history_list_template = "admin/contacts/_versions.html"
    fieldsets = (
        (None, {"fields": (
            "opened_version", "honorific", "given_name", "middle_name", "family_name", "suffix",
            "organisation", "job_title",
        )}),
        (_("Reach"), {"fields": ("emails", "phones", "website")}),
        (_("Address"), {"fields": ("street", "postal_code", "city", "region", "country")}),
        (_("Team"), {"fields": ("owner", "tags", "notes")}),
        (_("State"), {"fields": readonly_fields}),
    )  # fmt: skip

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: the contact's own page says what is erased, and asks for the name."""
        return False

    def get_urls(self) -> list[Any]:
        """Leave out simple-history's form that writes an old version over the present one."""
        return super(SimpleHistoryAdmin, self).get_urls()

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """List the versions of a contact that exists; of a deleted one none are left."""
        if self.get_object(request, unquote(object_id)) is None:
            raise Http404
        return super().history_view(request, object_id, extra_context)

    def revert_disabled(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say so: the list of versions offers no way back either."""
        return True

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None):
        """Return the contact, locked where it is about to be saved."""
        contact = super().get_object(request, object_id, from_field)
        if contact is None or request.method != "POST":
            return contact
        return Contact.objects.select_for_update().filter(pk=contact.pk).first()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer as owner whoever is active, and whoever it is now."""
        pk = request.resolver_match.kwargs.get("object_id")
        owners = get_user_model().objects.filter(
            Q(is_active=True) | Q(pk__in=Contact.objects.filter(pk=pk).values("owner"))
        )
        return super().formfield_for_foreignkey(
            db_field, request, queryset=owners.order_by("name", "email"), **kwargs
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Search as the list of contacts does: full text, beginnings of words, no accents."""
        return (queryset.search(search_term) if search_term else queryset), False

    def save_model(self, request: HttpRequest, obj: Contact, form: Any, change: bool) -> None:
        """Save the contact and keep the tags that are new."""
        super().save_model(request, obj, form, change)
        Tag.remember(obj.tags)

    def get_historical_record_context_helper(self, request: HttpRequest, historical_record: Any):
        """Return what words the differences between two versions."""
        return VersionHelper(self.model, historical_record)
