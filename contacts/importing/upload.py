"""Keeps files that are larger than anybody may send from filling the disk."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

OTHER_FIELDS = 1024 * 1024  # bytes of a request beside its files


def takes_files(setting: str) -> Callable[[Any], Any]:
    """Mark a view that takes files: the setting of that name says how many bytes of them."""

    def mark(view: Any) -> Any:
        view.upload_setting = setting
        return view

    return mark


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
        match = self.request and self.request.resolver_match
        setting = getattr(match and match.func, "upload_setting", "MESSAGE_MAX_BYTES")
        self.too_large = content_length > getattr(settings, setting) + OTHER_FIELDS
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
