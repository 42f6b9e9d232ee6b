"""Files that messages carry. Comments have none: nothing of theirs can leave the house."""

import hashlib
import re
from collections.abc import Iterable
from typing import Any

from django.core.files import File
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

# What a mail can carry as one file (RFC 2046): neither a mail of its own nor one of several parts.
SINGLE_TYPE = re.compile(r"(application|audio|font|image|model|text|video)/[\w.+-]{1,80}")
ANY_TYPE = "application/octet-stream"


def stored_as(attachment: "Attachment", filename: str) -> str:
    """Return where a file lies in the storage: never under the name its owner gave it."""
    return f"attachments/{attachment.pk}"


class Attachment(models.Model):
    """A file of a message, as it was sent or received. It goes with its contact."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contact = models.ForeignKey(
        "contacts.Contact", on_delete=models.CASCADE, related_name="attachments"
    )
    message = models.ForeignKey(
        "contacts.Message", on_delete=models.CASCADE, related_name="attachments"
    )
    name = models.CharField(_("file"), max_length=255)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)  # of the content, in hexadecimal
    file = models.FileField(upload_to=stored_as)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        default_permissions = ()
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def keep(cls, message: Any, upload: File) -> "Attachment":
        """Store a file of a message. A transaction that is undone leaves no row, only the file."""
        content: Any = upload.file
        upload.seek(0)
        kept = cls(
            contact=message.contact,
            message=message,
            name=printable(upload.name),
            content_type=single_type(getattr(upload, "content_type", "")),
            size=upload.size,
            sha256=hashlib.file_digest(content, "sha256").hexdigest(),
        )
        upload.seek(0)
        kept.file.save("", upload, save=False)
        kept.save(force_insert=True)
        return kept

    def discard_file(self) -> None:
        """Delete the stored file once the transaction is committed."""
        storage, name = self.file.storage, self.file.name
        transaction.on_commit(lambda: storage.delete(name), robust=True)


def single_type(told: str | None) -> str:
    """Return the media type that a sender told, or the general one where it can't be used."""
    return told.lower() if told and SINGLE_TYPE.fullmatch(told.lower()) else ANY_TYPE


def printable(name: str | None) -> str:
    """Return a file's name without folders and without characters that can't be printed."""
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable()).strip()[-255:] or "file"


def told(files: Iterable[File]) -> list[dict[str, Any]]:
    """Return what an event says of files."""
    return [{"name": printable(each.name), "size": each.size} for each in files]
