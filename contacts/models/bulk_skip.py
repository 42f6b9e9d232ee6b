"""Contacts with which a bulk action did nothing, and why."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Skipped(Exception):
    """There is nothing to be done with this contact; `reason` is one of BulkSkip.Reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BulkSkip(models.Model):
    """A contact that was left out, by its id: it may be gone, and then it has no name any more."""

    class Reason(models.TextChoices):
        ALREADY = "already", _("There was nothing to change")
        ARCHIVED = "archived", _("Archived")
        OPTED_OUT = "opted_out", _("Asked not to be contacted")
        NO_ADDRESS = "no_address", _("No email address")
        INVITED = "invited", _("Invited already, no answer yet")
        HAS_ACCESS = "has_access", _("Accepted an invitation already")
        OFTEN = "often", _("This address was invited often enough for one day")
        MOST_TAGS = "most_tags", _("Would have too many tags")
        DELETED = "deleted", _("Deleted")
        MERGED = "merged", _("Merged into another contact")
        ERROR = "error", _("Could not be done")

    run = models.ForeignKey("contacts.BulkRun", on_delete=models.CASCADE, related_name="skips")
    contact_id = models.UUIDField()
    reason = models.CharField(max_length=16, choices=Reason.choices)

    contact: Any = None  # set by BulkRun.first_skips

    class Meta:
        verbose_name = _("contact left out")
        verbose_name_plural = _("contacts left out")
        default_permissions = ()
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=("run", "contact_id"), name="bulk_skip_once_a_contact")
        ]

    def __str__(self) -> str:
        return f"{self.contact_id}: {self.get_reason_display()}"
