"""What files of messages and of comments have in common: a name, a content and where it lies.

They are kept in tables of their own: whatever mails, shares or shows files to a contact knows of
those of messages alone.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.core.files import File
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from contacts.images import HEAD, image_type

# What a mail can carry as one file (RFC 2046): neither a mail of its own nor one of several parts.
SINGLE_TYPE = re.compile(r"(application|audio|font|image|model|text|video)/[\w.+-]{1,80}")
ANY_TYPE = "application/octet-stream"
LARGEST_PREVIEW = 8 * 1024 * 1024  # bytes; rows show larger images by their name


def stored_as(kept: "StoredFile", filename: str) -> str:
    """Return where a file lies in the storage: never under the name its owner gave it."""
    return f"{kept.folder}/{kept.pk}"


class StoredFile(models.Model):
    """A file as it was handed in. `image_type` is what its content shows it to be, or empty."""

    folder: ClassVar[str]  # of the storage
    route: ClassVar[str]  # the name of its address

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("file"), max_length=255)
    content_type = models.CharField(max_length=100)
    image_type = models.CharField(max_length=10, blank=True)
    size = models.PositiveIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)  # of the content, in hexadecimal
    file = models.FileField(upload_to=stored_as)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address from which the team saves it."""
        return reverse(self.route, args=[self.pk])

    @property
    def is_shown(self) -> bool:
        """Tell whether it is an image, and not too large to be shown in passing."""
        return bool(self.image_type) and self.size <= LARGEST_PREVIEW

    @property
    def image_url(self) -> str:
        """Return the address at which the team sees it; empty where it is no image to be shown."""
        return reverse(f"{self.route}_image", args=[self.pk]) if self.is_shown else ""

    @classmethod
    def keep(cls, owner: Any, upload: File) -> Self:
        """Store a file. A transaction that is undone leaves no row, only the file."""
        content: Any = upload.file
        upload.seek(0)
        kept = cls(
            contact=owner.contact,
            name=printable(upload.name),
            content_type=single_type(getattr(upload, "content_type", "")),
            image_type=image_type(content.read(HEAD)),
            size=upload.size,
            **{owner.noun: owner},
        )
        upload.seek(0)
        kept.sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        upload.seek(0)
        kept.file.save("", upload, save=False)
        kept.save(force_insert=True)
        return kept

    def discard_file(self) -> None:
        """Delete the stored file once the transaction is committed."""
        storage, name = self.file.storage, self.file.name
        if name:
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


def files_of(model: type[StoredFile], owner: str) -> str:
    """Return the SQL expression for what a row shows of the files that belong to it.

    `owner` is the column of the files that names the row, whose id is the expression's own.
    """
    told = ", ".join(f"'{name}', {name}" for name in ("id", "name", "size", "image_type"))
    return f"""ARRAY(
        SELECT jsonb_build_object({told}) FROM {model._meta.db_table}
        WHERE {owner} = %(expressions)s ORDER BY id
    )"""  # noqa: S608 - names of our own
