"""Invitations in Django admin: how far each is, sent again or revoked."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from contacts.admin.acting import act
from contacts.admin.first_rows import LongList
from contacts.admin.read_only import ForAdministrators, contact_link, of_contact
from contacts.models import Invitation


@admin.register(Invitation)
class InvitationAdmin(ForAdministrators, LongList, admin.ModelAdmin):
    """Lists invitations, newest first. They are written on the contact's page."""

    actions = ("send_again", "revoke")
    of_contact = contact_link
    list_display = ("created_at", "state", "role", "email", "contact", "inviter", "expires_at")
    list_select_related = ("contact", "inviter")
    list_filter = ("state", "role")
    list_per_page = 50
    search_fields = ("email", "contact_id")
    search_help_text = _("An address, or the id of a contact.")
    ordering = ("-id",)
    fields = (
        *("state", "role", "email", "of_contact", "inviter"),
        *("created_at", "expires_at", "opened_at", "answered_at"),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Return the invitations to an address, or of a contact."""
        typed = search_term.strip()
        if not typed:
            return queryset, False
        found = of_contact(queryset, typed)
        if found is None:
            # Each was mailed: the outbox has an index of addresses.
            found = queryset.filter(email=typed.lower(), deliveries__recipient=typed.lower())
        return found, True

    @admin.action(description=_("Send selected invitations again"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        """Send each again with a new link and a new term, with its event."""
        done = ngettext_lazy(
            "%(count)d invitation is sent again.", "%(count)d invitations are sent again.", "count"
        )
        act(request, queryset, lambda pk: _locked(pk, "resend", request.user), done)

    @admin.action(description=_("Revoke selected invitations"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        """Take each back, with its event: none of its links works any more."""
        done = ngettext_lazy(
            "%(count)d invitation is revoked.", "%(count)d invitations are revoked.", "count"
        )
        act(request, queryset, lambda pk: _locked(pk, "revoke"), done)


@transaction.atomic
def _locked(pk: Any, verb: str, *arguments: Any) -> bool:
    return getattr(Invitation.objects.locked(pk), verb)(*arguments)
