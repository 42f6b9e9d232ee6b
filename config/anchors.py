"""The folder of checkpoints and notes that must survive the database."""

import os
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class AnchorFolder(FileSystemStorage):
    """A folder in which saving replaces a file as a whole: a reader finds the old or the new one.

    What was saved has reached the disk, as far as the disk can be trusted.
    """

    def __init__(self, **options: Any) -> None:
        """Take Django's own options."""
        super().__init__(allow_overwrite=True, **options)

    def _save(self, name: str, content: File) -> str:
        unfinished = self.path(super()._save(f"{name}.part", content))
        with open(unfinished, "rb") as file:  # noqa: PTH123 - as Django names files
            os.fsync(file.fileno())
        os.replace(unfinished, self.path(name))  # noqa: PTH105
        return name
