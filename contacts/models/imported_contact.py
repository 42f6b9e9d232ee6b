"""Which contacts an import added or changed, and from which line of its file."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportedContact(models.Model):
    """That a row of an import added a contact, or is about one that was here.

    Who was dealt with once in a file is not dealt with again further down, and what an import
    added can be taken away again. In a dry run, whoever would be added has no id yet: in its place
    stand ids that are made from the addresses.
    """

    pk = models.CompositePrimaryKey("run", "contact_id")
    run = models.ForeignKey(
        "contacts.ImportRun", on_delete=models.CASCADE, related_name="imported", db_index=False
    )
    contact_id = models.UUIDField()
    line = models.PositiveIntegerField()
    created = models.BooleanField()

    class Meta:
        verbose_name = _("imported contact")
        verbose_name_plural = _("imported contacts")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.line}: {self.contact_id}"
