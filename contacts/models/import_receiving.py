"""Taking in the file of an import."""

import hashlib
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.core.files import File
from django.db import models, transaction
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from contacts.importing.inspection import inspect
from contacts.importing.text import UnreadableFile


class Receivable(models.Model):
    """The part of an import that takes in its file."""

    objects: Any
    file: Any
    recall: Any
    save: Any  # these are those of ImportRun

    class Meta:
        abstract = True

    @classmethod
    def receive(cls, upload: File, by: Any, pk: Any = None, source: str = "") -> Self:
        """Keep a file as a draft; the same `pk` again returns the draft it made the first time.

        It opens with what was chosen for the last file of that source, or of the same columns.
        Raises UnreadableFile for a file that is too large or holds no contacts.
        """
        if upload.size > settings.IMPORT_MAX_BYTES:
            raise too_large(upload.size)
        layout = inspect(upload.file)
        upload.seek(0)
        raw: Any = upload.file
        digest = hashlib.file_digest(raw, "sha256").hexdigest()
        if cls.objects.filter(pk=pk).exclude(digest=digest).exists():
            pk = None  # another file, chosen in a form that was sent before
        with transaction.atomic():
            run, is_new = cls.objects.get_or_create(
                pk=pk or uuid7(),
                defaults={
                    "name": Path(upload.name).name[-255:],
                    "digest": digest,
                    "started_by": by,
                    "source": source,
                    **vars(layout),
                },
            )
            if is_new:
                upload.seek(0)
                run.file.save("", upload, save=False)
                run.recall()
                run.save()
        return run


def too_large(size: int) -> UnreadableFile:
    """Return what is said of a file of so many bytes."""
    return UnreadableFile(
        _("This file has %(size)s; %(limit)s are the most that can be imported at once.")
        % {"size": filesizeformat(size), "limit": filesizeformat(settings.IMPORT_MAX_BYTES)}
    )
