"""Files that messages carry, to the contact or from it."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models.stored_file import StoredFile


class Attachment(StoredFile):
    """A file of a message, as it was sent or received. It goes with its contact."""

    folder = "attachments"
    route = "attachment"
    readable: ClassVar[dict[str, Any]] = {}  # the condition under which the team may read it

    contact = models.ForeignKey(
        "contacts.Contact", on_delete=models.CASCADE, related_name="attachments"
    )
    message = models.ForeignKey(
        "contacts.Message", on_delete=models.CASCADE, related_name="attachments"
    )

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        default_permissions = ()
        ordering = ("id",)
