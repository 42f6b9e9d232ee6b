"""Keeps files that are larger than anybody may send from filling the disk."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

OTHER_FIELDS = 1024 * 1024  # bytes of a request beside its files


class UploadLimit(FileUploadHandler):
    """Lets go of the files of a request that is too large, and keeps its other fields.

    The form that was sent can then be answered with all that was typed into it. How large the
    request was stands in its META as `upload_too_large`.
    """

    too_large = False

    def handle_raw_input(
        self, input_data: Any, META: dict[str, Any], content_length: int, *args: Any, **kwargs: Any
    ) -> None:
        """Look at how much will come, before any of it is read."""
        most = max(settings.IMPORT_MAX_BYTES, settings.MESSAGE_MAX_BYTES) + OTHER_FIELDS
        self.too_large = content_length > most
        if self.too_large:
            META["upload_too_large"] = content_length

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Pass over a file. Raises SkipFile."""
        if self.too_large:
            raise SkipFile
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Hand on what was read, to the handlers that keep it."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to those handlers."""
